package org.mobilenetv3.train.run;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;

/** What a finished run scored on the test images. */
public interface TestResult {

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
    void write(Path run) throws IOException;
}
