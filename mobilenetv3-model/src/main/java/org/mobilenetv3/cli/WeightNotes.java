package org.mobilenetv3.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.mobilenetv3.export.ExportedNet;
import org.mobilenetv3.export.TrainedNet;
import org.mobilenetv3.zoo.TrainedWeights;

/** Tells what was assumed or changed when a file of weights was read. */
public final class WeightNotes {

    private WeightNotes() {}

    /**
     * Prints the notes on standard error, a line each.
     *
     * @param path what the user gave; packages and our own exports say all about themselves
     * @param net what was opened
     * @return the notes, or null if there are none, as JSON leaves out what is null
     * @throws IOException if the path cannot be read any more
     */
    public static List<String> tell(Path path, TrainedNet net) throws IOException {
        if (ExportedNet.isAt(path) || !TrainedWeights.isFile(path)) {
            return null;
        }
        List<String> notes = TrainedWeights.notes(net.description().provenance());
        notes.forEach(note -> System.err.println("note: " + note));
        return notes.isEmpty() ? null : notes;
    }
}
