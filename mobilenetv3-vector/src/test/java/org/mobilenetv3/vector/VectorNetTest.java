package org.mobilenetv3.vector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import ai.djl.ndarray.types.Shape;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.mobilenetv3.graph.GraphRunner;
import org.mobilenetv3.graph.Nonlinearity;
import org.mobilenetv3.graph.Op;
import org.mobilenetv3.graph.Value;
import org.mobilenetv3.runtime.VectorModule;
import org.mobilenetv3.vector.TestGraph.Layer;

/** A net's life: who asks it, with what, and when it is closed. */
@Timeout(120)
class VectorNetTest {

    private static final Shape SHAPE = new Shape(2, 3, 20, 17);

    private static FloatBuffer images(Shape shape) {
        return FloatBuffer.wrap(Nets.gaussian(shape, shape.hashCode()));
    }

    private static VectorNet open(int threads) {
        return new VectorNet(TestGraph.small(), threads, VectorNet.Mode.VECTOR);
    }

    @Test
    void theProviderIsFoundByItsName() {
        List<GraphRunner.Provider> providers =
                ServiceLoader.load(GraphRunner.Provider.class).stream()
                        .map(ServiceLoader.Provider::get)
                        .toList();
        assertThat(providers).hasSize(1);
        assertThat(providers.get(0).name()).isEqualTo("vector");
        try (GraphRunner net = providers.get(0).open(TestGraph.small(), 2);
                VectorNet same = open(1)) {
            assertThat(net.run(images(SHAPE), SHAPE)).isEqualTo(same.run(images(SHAPE), SHAPE));
        }
        assertThat(VectorModule.load()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -3})
    void threadsAreOneAtLeast(int threads) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new VectorProvider().open(TestGraph.small(), threads))
                .withMessage("The number of threads is " + threads + ", expected at least 1.");
    }

    @Test
    void manyThreadsAtOnceGetTheSameBits() throws Exception {
        List<Shape> shapes = List.of(SHAPE, new Shape(1, 3, 33, 9), new Shape(5, 3, 8, 8), SHAPE);
        try (VectorNet net = open(3)) {
            List<float[]> expected = new ArrayList<>();
            shapes.forEach(s -> expected.add(net.run(images(s), s)));
            together(
                    8,
                    caller -> {
                        for (int i = 0; i < 60; i++) {
                            int which = (i + caller) % shapes.size();
                            Shape shape = shapes.get(which);
                            assertThat(net.run(images(shape), shape))
                                    .isEqualTo(expected.get(which));
                        }
                    });
        }
    }

    private interface Work {
        void accept(int caller) throws Exception;
    }

    private static void together(int callers, Work work) throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(callers);
        try {
            List<Future<?>> all = new ArrayList<>();
            for (int k = 0; k < callers; k++) {
                int caller = k;
                Callable<Void> call =
                        () -> {
                            work.accept(caller);
                            return null;
                        };
                all.add(pool.submit(call));
            }
            for (Future<?> one : all) {
                one.get();
            }
        } finally {
            pool.shutdownNow();
        }
    }

    @Test
    void oneNetIsClosedWhileManyAskIt() throws Exception {
        for (int k = 0; k < 20; k++) {
            VectorNet net = open(2);
            float[] expected = net.run(images(SHAPE), SHAPE);
            CountDownLatch running = new CountDownLatch(4);
            together(
                    5,
                    caller -> {
                        if (caller == 0) {
                            running.await();
                            net.close();
                            return;
                        }
                        boolean closed = false;
                        while (!closed) {
                            try {
                                assertThat(net.run(images(SHAPE), SHAPE)).isEqualTo(expected);
                            } catch (IllegalStateException e) {
                                assertThat(e).hasMessage("The net is closed.");
                                closed = true;
                            }
                            running.countDown();
                        }
                    });
        }
    }

    @Test
    void closingWaitsForAPredictionThatIsUnderWay() throws Exception {
        Shape large = new Shape(8, 3, 300, 300);
        VectorNet net = new VectorNet(TestGraph.small(), 1, VectorNet.Mode.SCALAR);
        FloatBuffer images = images(large);
        AtomicBoolean answered = new AtomicBoolean();
        CountDownLatch started = new CountDownLatch(1);
        Thread caller =
                new Thread(
                        () -> {
                            started.countDown();
                            net.run(images, large);
                            answered.set(true);
                        });
        caller.start();
        started.await();
        while (caller.isAlive() && !isComputing(caller)) {
            Thread.onSpinWait();
        }
        net.close();
        assertThat(isComputing(caller)).isFalse();
        caller.join();
        assertThat(answered).isTrue();
    }

    private static boolean isComputing(Thread caller) {
        for (StackTraceElement frame : caller.getStackTrace()) {
            if (frame.getClassName().equals(Plan.class.getName())) {
                return true;
            }
        }
        return false;
    }

    @Test
    void aClosedNetSaysSoAndMayBeClosedAgain() {
        VectorNet net = open(2);
        net.run(images(SHAPE), SHAPE);
        net.close();
        net.close();
        assertThatIllegalStateException()
                .isThrownBy(() -> net.run(images(SHAPE), SHAPE))
                .withMessage("The net is closed.");
    }

    @Test
    void anInterruptedCallerGetsTheAnswerAndStaysInterrupted() {
        try (VectorNet net = open(3)) {
            float[] expected = net.run(images(SHAPE), SHAPE);
            Thread.currentThread().interrupt();
            for (int i = 0; i < 20; i++) {
                assertThat(net.run(images(SHAPE), SHAPE)).isEqualTo(expected);
            }
            assertThat(Thread.currentThread().isInterrupted()).isTrue();
        } finally {
            assertThat(Thread.interrupted()).isTrue();
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = VectorNet.Mode.class,
            names = {"SCALAR", "VECTOR"})
    void manyShapesInTurnAreComputedEachTime(VectorNet.Mode mode) {
        Map<Shape, float[]> answers = new HashMap<>();
        try (VectorNet net = new VectorNet(TestGraph.small(), 2, mode)) {
            for (int turn = 0; turn < 3; turn++) {
                for (int k = 0; k < 12; k++) {
                    Shape shape = new Shape(1 + k % 3, 3, 9 + 2 * k, 31 - k);
                    float[] answer = net.run(images(shape), shape);
                    float[] before = answers.putIfAbsent(shape, answer);
                    assertThat(answer).isEqualTo(before == null ? answer : before);
                }
            }
        }
        assertThat(answers).hasSize(12);
    }

    @Test
    void imagesOfABatchAreComputedAsIfAlone() {
        int images = 37;
        Shape batch = new Shape(images, 3, 15, 14);
        Shape alone = new Shape(1, 3, 15, 14);
        FloatBuffer x = images(batch);
        try (VectorNet net = open(2)) {
            float[] all = net.run(x, batch);
            for (int i = 0; i < images; i++) {
                x.position(i * (int) alone.size());
                float[] one = net.run(x, alone);
                assertThat(x.position()).isEqualTo(i * (int) alone.size());
                for (int c = 0; c < one.length; c++) {
                    assertThat(one[c]).isEqualTo(all[i * one.length + c]);
                }
            }
        }
    }

    @Test
    void anImageOfOnePixelIsComputedWithMoreThreadsThanUnits() {
        Shape shape = new Shape(1, 3, 1, 1);
        float[] x = {1, 2, 3};
        float[] one = Nets.run(TestGraph.small(), VectorNet.Mode.SCALAR, 1, x, shape);
        assertThat(Nets.run(TestGraph.small(), VectorNet.Mode.VECTOR, 16, x, shape)).isEqualTo(one);
    }

    @Test
    void buffersMayBeDirectOrReadOnly() {
        FloatBuffer heap = images(SHAPE);
        FloatBuffer direct =
                java.nio.ByteBuffer.allocateDirect(4 * heap.capacity() + 8)
                        .order(java.nio.ByteOrder.LITTLE_ENDIAN)
                        .asFloatBuffer();
        direct.position(2);
        direct.put(heap.duplicate()).position(2);
        try (VectorNet net = open(1)) {
            float[] expected = net.run(heap, SHAPE);
            assertThat(net.run(direct, SHAPE)).isEqualTo(expected);
            assertThat(net.run(heap.asReadOnlyBuffer(), SHAPE)).isEqualTo(expected);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "2,3,20 | The net takes images (N, 3, H, W), not (2, 3, 20).",
                "1,4,20,20 | The net takes images (N, 3, H, W), not (1, 4, 20, 20).",
                "0,3,20,20 | There are 0 images of 20 x 20 pixels, expected at least one of each.",
                "1,3,0,20 | There are 1 images of 0 x 20 pixels, expected at least one of each.",
                "1,3,20,-1 | There are 1 images of 20 x -1 pixels, expected at least one of each.",
                "1,3,65536,65536 | Images (1, 3, 65536, 65536) have more pixels than one array of"
                        + " floats holds.",
                "4294967297,3,20,17 | Images (4294967297, 3, 20, 17) are 4380866642940 numbers,"
                        + " but the buffer holds 2040.",
                "2,3,20,18 | Images (2, 3, 20, 18) are 2160 numbers, but the buffer holds 2040.",
            })
    void shapesThatCannotBeAreRefusedInASentence(String shape, String sentence) {
        try (VectorNet net = open(2)) {
            float[] expected = net.run(images(SHAPE), SHAPE);
            long[] sizes =
                    List.of(shape.split(",", -1)).stream().mapToLong(Long::parseLong).toArray();
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> net.run(images(SHAPE), new Shape(sizes)))
                    .withMessage(sentence);
            assertThat(net.run(images(SHAPE), SHAPE)).isEqualTo(expected);
        }
    }

    @Test
    void imagesForWhichTheHeapIsTooSmallAreRefusedInASentence() {
        Shape large = new Shape(1, 3, 9000, 9000);
        try (VectorNet net = open(1)) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> net.run(images(SHAPE), large))
                    .withMessageMatching(
                            "Images \\(1, 3, 9000, 9000\\) need \\d+ MB, but Java's heap holds"
                                    + " \\d+ MB; see java -Xmx\\.");
        }
    }

    private static void assertRefused(TestGraph g, Value output, Shape shape, String layer) {
        try (VectorNet net = new VectorNet(g.to(output), 1, VectorNet.Mode.VECTOR)) {
            Shape traced = g.input().shape();
            float[] expected = net.run(images(traced), traced);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> net.run(images(shape), shape))
                    .withMessage(
                            "The net does not take images of %s x %s pixels: they do not fit %s."
                                    .formatted(shape.get(2), shape.get(3), layer));
            assertThat(net.run(images(traced), traced)).isEqualTo(expected);
        }
    }

    @Test
    void imagesThatDoNotFitALayerAreRefusedInASentence() {
        Shape traced = new Shape(1, 3, 12, 12);
        TestGraph kernel = new TestGraph(traced.getShape());
        Layer unpadded = Layer.of(8, 5, 2).padded(Op.Padding.NONE);
        Value x = kernel.convolution(kernel.input(), unpadded);
        assertRefused(kernel, x, new Shape(1, 3, 4, 12), "n1 (Conv2d)");
        assertRefused(kernel, x, new Shape(1, 3, 12, 4), "n1 (Conv2d)");

        TestGraph pool = new TestGraph(traced.getShape());
        Op.Pool four =
                new Op.Pool(false, Op.Pair.of(4), Op.Pair.of(2), Op.Pair.of(0), false, false);
        x = pool.add(four, new Shape(1, 3, 5, 5), pool.input());
        assertRefused(pool, x, new Shape(1, 3, 3, 9), "n1 (AvgPool2d)");

        TestGraph flat = new TestGraph(traced.getShape());
        x = flat.linear(flat.flatten(flat.input()), 5, Nonlinearity.IDENTITY);
        assertRefused(flat, x, new Shape(1, 3, 12, 11), "n2 (Linear)");

        TestGraph anchors = new TestGraph(traced.getShape());
        Value codes = anchors.rows(anchors.pointwise(anchors.input(), 8), 4);
        Op decode = new Op.DecodeBoxes(anchors.weight("anchors", 0.1, 0.5, 1, 288, 4));
        x = anchors.add(decode, codes.shape(), codes);
        assertRefused(anchors, x, new Shape(1, 3, 12, 13), "n3 (DecodeBoxes)");
        assertRefused(anchors, x, new Shape(1, 3, 3, 3), "n3 (DecodeBoxes)");
    }
}
