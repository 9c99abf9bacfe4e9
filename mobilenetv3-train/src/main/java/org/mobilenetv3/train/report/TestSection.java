package org.mobilenetv3.train.report;

import java.io.IOException;
import java.util.List;
import org.mobilenetv3.train.run.TestResult;

/** What a run's page shows of the test of its best package. */
public interface TestSection {

    /**
     * Returns the figures.
     *
     * @return those of the tiles and more
     */
    TestResult result();

    /**
     * Adds the most important figures as tiles.
     *
     * @param html the page, inside its list of tiles
     */
    void addTiles(Html html);

    /**
     * Adds tables and pictures.
     *
     * @param html the page, after its head and curves
     * @throws IOException if a picture cannot be made
     */
    void addTo(Html html) throws IOException;

    /**
     * Draws what is saved beside the page, too; TensorBoard gets the first.
     *
     * @return none if Java cannot draw
     */
    List<Figure> figures();
}
