package org.mobilenetv3.vector;

import org.mobilenetv3.graph.Graph;
import org.mobilenetv3.graph.GraphRunner;

/** Computes nets in Java, on {@code jdk.incubator.vector} where the virtual machine has it. */
public final class VectorProvider implements GraphRunner.Provider {

    /** Made by {@link java.util.ServiceLoader}. */
    public VectorProvider() {}

    @Override
    public String name() {
        return "vector";
    }

    @Override
    public GraphRunner open(Graph graph, int threads) {
        if (threads < 1) {
            throw new IllegalArgumentException(
                    "The number of threads is " + threads + ", expected at least 1.");
        }
        return new VectorNet(graph, threads, VectorNet.Mode.AUTO);
    }
}
