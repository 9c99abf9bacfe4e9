package org.mobilenetv3.train.run;

import ai.djl.util.JsonUtils;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.mobilenetv3.io.WholeFile;

/** What a finished run scored on the test images. */
public interface TestResult {

    /** The file's name in a run's directory. */
    String FILE = "result.json";

    /**
     * Returns the epoch whose package was tested.
     *
     * @return counted from 1
     */
    int bestEpoch();

    /**
     * Returns how many images it was tested on.
     *
     * @return at least 1
     */
    long images();

    /**
     * Returns how long the test took.
     *
     * @return seconds
     */
    double testSeconds();

    /**
     * Returns the figures by short names.
     *
     * @return shares from 0 to 1, and losses; for instance {@code loss} and {@code top1}
     */
    Map<String, Double> figures();

    /**
     * Describes the figures.
     *
     * @return for people, for instance {@code top-1 91.20 % loss 0.2534}
     */
    String describe();

    /**
     * Writes {@code result.json} in one piece.
     *
     * @param run the run's directory
     * @throws IOException if it cannot be written, or a figure is no number
     */
    default void write(Path run) throws IOException {
        WholeFile.write(run.resolve(FILE), JsonUtils.GSON_PRETTY.toJson(this) + "\n");
    }
}
