package org.mobilenetv3.vector;

import ai.djl.ndarray.types.Shape;
import java.util.LinkedHashMap;
import java.util.Map;
import org.mobilenetv3.graph.Graph;
import org.mobilenetv3.vector.kernel.Kernels;
import org.mobilenetv3.vector.kernel.Packed;
import org.mobilenetv3.vector.kernel.ScalarKernels;
import org.mobilenetv3.vector.kernel.VectorKernels;

/**
 * A net's weights, packed for some kernels, and its plans for the shapes that it was given last.
 */
final class Plans {

    /** Plans that are kept; the one not used for longest goes. */
    private static final int KEPT = 16;

    private final Graph graph;
    private final Kernels kernels;
    private final Packed[] weights;
    private final int threads;
    private final Map<Shape, Plan> plans = new LinkedHashMap<>(16, 0.75f, true);

    Plans(Graph graph, Kernels kernels, int threads) {
        this(Weights.drop(graph), kernels, Weights.pack(graph, kernels), threads);
    }

    private Plans(Graph graph, Kernels kernels, Packed[] weights, int threads) {
        this.graph = graph;
        this.kernels = kernels;
        this.weights = weights;
        this.threads = threads;
    }

    /** The same net for vectors, from plans for {@link ScalarKernels}. */
    Plans onVectors() {
        Kernels vectors = new VectorKernels();
        return new Plans(graph, vectors, Weights.repack(graph, weights, vectors), threads);
    }

    /** The plan for images {@code (N, C, H, W)}. */
    Plan of(Shape shape) {
        synchronized (plans) {
            Plan plan = plans.get(shape);
            if (plan == null) {
                plan = Planner.plan(graph, kernels, weights, threads, shape);
                plans.put(shape, plan);
                if (plans.size() > KEPT) {
                    plans.remove(plans.keySet().iterator().next());
                }
            }
            return plan;
        }
    }
}
