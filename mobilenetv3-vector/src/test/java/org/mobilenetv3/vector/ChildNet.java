package org.mobilenetv3.vector;

import ai.djl.ndarray.types.Shape;
import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.nio.FloatBuffer;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import org.mobilenetv3.graph.Graph;
import org.mobilenetv3.graph.GraphRunner;
import org.mobilenetv3.graph.Node;
import org.mobilenetv3.graph.Op;
import org.mobilenetv3.graph.Value;
import org.mobilenetv3.graph.Weight;
import org.mobilenetv3.runtime.VectorModule;
import org.mobilenetv3.vector.TestGraph.Layer;

/** What a process of its own computes; prints what its test compares. */
final class ChildNet {

    static final Shape SHAPE = new Shape(2, 3, 20, 17);

    /**
     * Bytes: HotSpot sometimes makes constants of a kernel anew in each call. One box for each
     * pixel of the smallest layer is twice as much.
     */
    private static final int ONCE_A_CALL = 8 << 10;

    private static final long PATIENCE = TimeUnit.SECONDS.toNanos(60);

    private ChildNet() {}

    public static void main(String[] args) throws InterruptedException {
        switch (args[0]) {
            case "provider" -> provider(Integer.parseInt(args[1]));
            case "SCALAR", "VECTOR" ->
                    System.out.println(
                            bits(run(TestGraph.small(), VectorNet.Mode.valueOf(args[0]))));
            case "auto" -> auto();
            case "failing" -> failing();
            case "allocation" -> allocation(Integer.parseInt(args[1]));
            default -> throw new IllegalArgumentException(args[0]);
        }
    }

    static float[] run(Graph graph, VectorNet.Mode mode) {
        return Nets.run(graph, mode, 2, Nets.gaussian(SHAPE, 1), SHAPE);
    }

    static String bits(float[] answer) {
        return Arrays.stream(boxed(answer))
                .map(x -> Integer.toHexString(Float.floatToRawIntBits(x)))
                .collect(Collectors.joining(" "));
    }

    private static Float[] boxed(float[] values) {
        Float[] boxed = new Float[values.length];
        Arrays.setAll(boxed, i -> values[i]);
        return boxed;
    }

    static float[] floats(String bits) {
        String[] all = bits.split(" ", -1);
        float[] values = new float[all.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = Float.intBitsToFloat(Integer.parseUnsignedInt(all[i], 16));
        }
        return values;
    }

    private static void provider(int runs) {
        System.out.println(VectorModule.load());
        FloatBuffer images = FloatBuffer.wrap(Nets.gaussian(SHAPE, 1));
        try (GraphRunner net = new VectorProvider().open(TestGraph.small(), 2)) {
            float[] first = net.run(images, SHAPE);
            for (int i = 1; i < runs; i++) {
                require(Arrays.equals(net.run(images, SHAPE), first), "other bits");
            }
            System.out.println(bits(first));
        }
    }

    private static void require(boolean holds, String what) {
        if (!holds) {
            throw new AssertionError(what);
        }
    }

    /** The graph, whose weights may be read until something is open. */
    private static Graph until(AtomicBoolean open, Graph graph) {
        List<Node> nodes = new ArrayList<>();
        for (Node node : graph.nodes()) {
            Op op = node.op();
            if (op instanceof Op.Layer layer) {
                op = layer.with(until(open, layer.weight()), until(open, layer.bias()));
            }
            nodes.add(new Node(node.name(), op, node.inputs(), node.output()));
        }
        return new Graph(graph.input(), graph.output(), nodes);
    }

    private static Weight until(AtomicBoolean open, Weight weight) {
        return new Weight(
                weight.name(),
                weight.shape(),
                weight.trainable(),
                () -> {
                    require(!open.get(), "read late");
                    return weight.values().get();
                });
    }

    /** Two nets are asked until both compute on vectors, and then some more. */
    private static void auto() {
        FloatBuffer images = FloatBuffer.wrap(Nets.gaussian(SHAPE, 1));
        Shape one = new Shape(1, 3, 31, 9);
        AtomicBoolean open = new AtomicBoolean();
        Graph graph = until(open, TestGraph.small());
        try (VectorNet net = new VectorNet(graph, 2, VectorNet.Mode.AUTO);
                VectorNet other = new VectorNet(TestGraph.small(), 1, VectorNet.Mode.AUTO)) {
            open.set(true);
            Plans scalar = net.plans();
            Plans otherScalar = other.plans();
            float[] first = net.run(images, SHAPE);
            float[] small = other.run(images, one);
            long end = System.nanoTime() + PATIENCE;
            int after = 0;
            while (after < 200 && System.nanoTime() < end) {
                require(Arrays.equals(net.run(images, SHAPE), first), "other bits");
                require(Arrays.equals(other.run(images, one), small), "other bits");
                after += net.plans() != scalar && other.plans() != otherScalar ? 1 : 0;
            }
            System.out.println(after);
            try (VectorNet next = new VectorNet(TestGraph.small(), 1, VectorNet.Mode.AUTO)) {
                require(Arrays.equals(next.run(images, SHAPE), first), "other bits");
            }
            System.out.println(bits(first));
        }
    }

    /** A net that cannot be planned for vectors. */
    private static void failing() throws InterruptedException {
        Thread.setDefaultUncaughtExceptionHandler((t, e) -> System.out.println("uncaught " + e));
        TestGraph g = new TestGraph(2, 3, 20, 17);
        List<Float> constant =
                new AbstractList<>() {
                    @Override
                    public Float get(int index) {
                        if (Thread.currentThread().getName().endsWith("-compile")) {
                            System.out.println("failing");
                            throw new OutOfMemoryError("on purpose");
                        }
                        return 1.5f;
                    }

                    @Override
                    public int size() {
                        return 3;
                    }
                };
        Value x =
                g.add(
                        new Op.PerChannel(Op.PerChannel.Kind.ADD, constant),
                        g.input().shape(),
                        g.input());
        Graph graph = g.to(g.convolution(x, Layer.of(20, 3, 1)));
        FloatBuffer images = FloatBuffer.wrap(Nets.gaussian(SHAPE, 1));
        try (VectorNet net = new VectorNet(graph, 2, VectorNet.Mode.AUTO)) {
            float[] first = net.run(images, SHAPE);
            for (int i = 0; i < 50; i++) {
                require(Arrays.equals(net.run(images, SHAPE), first), "other bits");
                Thread.sleep(5);
            }
        }
        System.out.println("end");
    }

    /** Asks until HotSpot has compiled what runs; a vector that is boxed then shows for good. */
    private static void allocation(int threads) {
        ThreadMXBean bean = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        FloatBuffer images = FloatBuffer.wrap(Nets.gaussian(SHAPE, 1));
        try (VectorNet net = new VectorNet(TestGraph.small(), threads, VectorNet.Mode.VECTOR)) {
            int answer = 4 * net.run(images, SHAPE).length + ONCE_A_CALL;
            long[] ids = workers();
            long least = Long.MAX_VALUE;
            int runs = 50;
            long end = System.nanoTime() + PATIENCE / 3;
            while (least > (long) runs * answer && System.nanoTime() < end) {
                long before = allocated(bean, ids);
                for (int k = 0; k < runs; k++) {
                    net.run(images, SHAPE);
                }
                least = Math.min(least, allocated(bean, ids) - before);
            }
            long each = least / runs;
            System.out.println(
                    each <= answer
                            ? "little"
                            : each + " bytes: " + allocations(bean, net.plans().of(SHAPE)));
        }
    }

    /** Bytes of each step, to tell whose vectors are boxed. */
    private static String allocations(ThreadMXBean bean, Plan plan) {
        long[] ids = {Thread.currentThread().getId()};
        float[] arena = new float[(int) (plan.bytes() / Float.BYTES) + (1 << 16)];
        StringBuilder lines = new StringBuilder();
        for (Step step : plan.steps()) {
            long before = allocated(bean, ids);
            for (int unit = 0; unit < step.units(); unit++) {
                step.run(arena, unit, arena.length - (1 << 16));
            }
            String name = step.getClass().getSimpleName();
            lines.append(name).append(' ').append(allocated(bean, ids) - before).append(", ");
        }
        return lines.toString();
    }

    private static long[] workers() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(
                        t ->
                                t == Thread.currentThread()
                                        || t.getName().matches("mobilenetv3-vector-\\d+"))
                .mapToLong(Thread::getId)
                .toArray();
    }

    private static long allocated(ThreadMXBean bean, long[] ids) {
        long sum = 0;
        for (long bytes : bean.getThreadAllocatedBytes(ids)) {
            sum += Math.max(bytes, 0);
        }
        return sum;
    }
}
