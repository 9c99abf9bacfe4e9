package org.mobilenetv3.train.report;

import java.io.IOException;
import java.util.List;

/** What a run's page shows of the test of its best package; each task has its own. */
public interface TestReport {

    /** Adds the most important figures, as {@link Html#tile}s. */
    void addTiles(Html html);

    /**
     * Adds sections, in reading order.
     *
     * @throws IOException if a test image cannot be read any more
     */
    void addSections(Html html) throws IOException;

    /**
     * Draws what becomes files in the run's {@code figures/}.
     *
     * @return figures; Java needs fonts for them
     */
    List<Figure> figures();
}
