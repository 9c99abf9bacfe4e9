package org.mobilenetv3.train.bench;

import java.io.IOException;
import java.util.Optional;

/** Who does a case's work; used by one thread, for one case. */
public interface Implementation extends AutoCloseable {

    /**
     * Names what is compared, without versions.
     *
     * @return for instance {@code eager best}
     */
    String name();

    /**
     * Names the library that computes, with its version; before a peer is prepared, its program.
     *
     * @return for instance {@code PyTorch 2.7.1}
     */
    String engine();

    /**
     * Returns whether this is a net of this project.
     *
     * @return false for peers
     */
    boolean ours();

    /**
     * Returns whether results have 32 bits, so that ratios mean something.
     *
     * @return false for 16-bit formats, which are shown apart
     */
    boolean full();

    /**
     * Returns whether the net is ours in another's hands, so that the project's goals are about it.
     *
     * @return false for another architecture
     */
    default boolean sameNet() {
        return true;
    }

    /**
     * Builds the net and its input.
     *
     * @return why this implementation cannot take part here, or nothing if it can
     * @throws IOException if it fails; one sentence
     */
    Optional<String> prepare() throws IOException;

    /**
     * Makes steps.
     *
     * @param steps at least 1
     * @return milliseconds per step
     * @throws IOException if it fails; one sentence
     */
    double run(int steps) throws IOException;

    @Override
    void close();
}
