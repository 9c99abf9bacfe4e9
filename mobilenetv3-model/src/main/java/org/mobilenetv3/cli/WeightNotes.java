package org.mobilenetv3.cli;

import java.util.List;
import org.mobilenetv3.trained.TrainedNet;

/** Tells what was assumed or changed when a file of weights was read. */
public final class WeightNotes {

    private WeightNotes() {}

    /**
     * Prints the notes on standard error, a line each.
     *
     * @param net what was opened
     * @return the notes, or null if there are none, as JSON leaves out what is null
     */
    public static List<String> tell(TrainedNet net) {
        List<String> notes = net.notes();
        notes.forEach(note -> System.err.println("note: " + note));
        return notes.isEmpty() ? null : notes;
    }
}
