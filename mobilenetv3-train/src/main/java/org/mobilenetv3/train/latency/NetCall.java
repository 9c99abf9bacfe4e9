package org.mobilenetv3.train.latency;

import java.io.IOException;

/** A net with its input, ready to run. */
interface NetCall extends AutoCloseable {

    /** Runs the net once and reads the result. */
    void run() throws IOException;

    @Override
    void close();
}
