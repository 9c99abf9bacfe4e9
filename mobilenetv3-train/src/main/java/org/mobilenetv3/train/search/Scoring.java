package org.mobilenetv3.train.search;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.Future;
import java.util.function.BooleanSupplier;
import org.mobilenetv3.train.supernet.Candidate;

/** Scores candidates side by side; their scores do not depend on where. */
interface Scoring extends AutoCloseable {

    /**
     * Begins to score candidates.
     *
     * @param generation the candidates
     * @param evolution knows what they cost
     * @param random whether they were drawn at random to compare with
     * @param stop asked now and then whether to stop
     * @return their scores in order, null for those that were stopped
     * @throws IOException in one sentence, if they cannot be scored
     */
    List<Future<Scored>> begin(
            List<Candidate> generation, Evolution evolution, boolean random, BooleanSupplier stop)
            throws IOException;

    @Override
    void close();
}
