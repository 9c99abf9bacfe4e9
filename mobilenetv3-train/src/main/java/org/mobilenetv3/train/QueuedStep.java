package org.mobilenetv3.train;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.sun.jna.Platform;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.mobilenetv3.runtime.Cuda;
import org.mobilenetv3.torchscript.CompiledNet;
import org.mobilenetv3.torchscript.CompiledNet.Learned;
import org.mobilenetv3.torchscript.CudaGraph;
import org.mobilenetv3.torchscript.Script;
import org.mobilenetv3.train.data.Batch;
import org.mobilenetv3.train.run.Score;
import org.mobilenetv3.train.task.CrossEntropy;

/**
 * Training steps that a GPU is given while it still computes the one before: the CPU never waits
 * for the step that it has just given, and reads each step's loss and logits one step late.
 *
 * <p>A batch goes through page-locked memory, from which the GPU fetches it by itself. Its place on
 * the GPU is the same for all batches of one size, so that the step can be captured as a {@link
 * CudaGraph} once it has run a few times. Used by one thread.
 */
final class QueuedStep implements AutoCloseable {

    /** What a step does on the device; it reads nothing from there. */
    @FunctionalInterface
    interface Work {
        /**
         * Hands the device its work.
         *
         * @param images {@code (N, C, H, W)}
         * @param targets {@code (N, classes)}
         * @param numbers learning rate and share of the moving average
         * @return loss, logits, and gradients that are used up
         */
        Learned enqueue(NDArray images, NDArray targets, NDArray numbers);
    }

    /** Steps of one size in a row before it is captured: what is done once is done by then. */
    private static final int BEFORE_CAPTURE = 3;

    private static final String METHODS =
            """
              def pin(self: __torch__.Net, x: Tensor) -> Tensor:
                return torch.pin_memory(x)
              def copy(self: __torch__.Net, x: Tensor) -> Tensor:
                for i in range(torch.len(self.to)):
                  _0 = torch.copy_(self.to[i], self.source[i], True)
                return x
            """;

    private final CrossEntropy objective;
    private final CompiledNet net;
    private final Work work;
    private final Device device;
    private final NDManager manager;
    private final NDManager host;
    private final Map<Shape, Place> places = new HashMap<>();
    private final boolean captures;

    private Place last;
    private int inARow;
    private Captured captured;
    private InFlight inFlight;

    /** A step of one size, and where its results appear. */
    private record Captured(CudaGraph graph, Place place, Learned results) {}

    /** A step that has been given to the device. */
    private record InFlight(Slot slot, long[] labels) {}

    /** Whether a device computes beside the CPU and can be waited for, which is known for Linux. */
    static boolean isFor(Device device) {
        return device.isGpu() && Platform.isLinux();
    }

    /**
     * Prepares for a compiled net.
     *
     * @param replica the net
     * @param objective what it learns
     * @param work one step of it
     */
    QueuedStep(Replica replica, CrossEntropy objective, Work work) {
        this.objective = objective;
        net = replica.compiled().orElseThrow();
        this.work = work;
        manager = replica.manager().newSubManager();
        device = manager.getDevice();
        host = manager.newSubManager(Device.cpu());
        captures = device.isGpu() && CudaGraph.isAvailable();
    }

    /** Where batches of one size lie on the device, and two slots on the host to take turns. */
    private final class Place {
        private final List<NDArray> inputs;
        private final Slot[] slots;
        private int turn;

        Place(Shape images) {
            Shape targets = new Shape(images.get(0), objective.classes());
            inputs =
                    List.of(
                            manager.zeros(images),
                            manager.zeros(targets),
                            manager.zeros(new Shape(2)));
            slots = new Slot[] {new Slot(images, targets), new Slot(images, targets)};
        }

        Slot next() {
            turn = 1 - turn;
            return slots[turn];
        }
    }

    /** Page-locked memory for a step's inputs and results, and when the results are there. */
    private final class Slot {
        private final List<NDArray> inputs;
        private final List<NDArray> results;
        private final Script up = new Script(manager, List.of("to", "source"), METHODS);
        private final Script down = new Script(manager, List.of("to", "source"), METHODS);
        private final Cuda.Event done =
                device.isGpu() ? new Cuda.Event(device.getDeviceId()) : null;
        private boolean bound;
        private NDArray bringing;

        Slot(Shape images, Shape targets) {
            inputs = List.of(pinned(images), pinned(targets), pinned(new Shape(2)));
            results = List.of(pinned(new Shape()), pinned(targets));
        }

        private NDArray pinned(Shape shape) {
            NDArray plain = host.zeros(shape);
            if (!device.isGpu()) {
                return plain;
            }
            try (plain) {
                return up.call("pin", plain).singletonOrThrow();
            }
        }

        /** Fills in a batch and has the device fetch it. */
        void send(Place place, Batch batch, float[] targets, double rate, double share) {
            bytes(inputs.get(0)).put(batch.pixels());
            bytes(inputs.get(1)).asFloatBuffer().put(targets);
            bytes(inputs.get(2)).asFloatBuffer().put((float) rate).put((float) share);
            if (!bound) {
                up.bind("to", place.inputs);
                up.bind("source", inputs);
                down.bind("to", results);
                bound = true;
            }
            up.call("copy", place.inputs.get(0)).close();
        }

        /** Has the device bring what came out. */
        void bring(Learned learned) {
            if (learned.loss() != bringing) {
                down.bind("source", List.of(learned.loss(), learned.output()));
                bringing = learned.loss();
            }
            down.call("copy", learned.loss()).close();
            if (done != null) {
                done.record();
            }
        }

        void await() {
            if (done != null) {
                done.await();
            }
        }

        Score read(Score running, long[] labels) {
            await();
            float loss = bytes(results.get(0)).asFloatBuffer().get(0);
            FloatBuffer from = bytes(results.get(1)).asFloatBuffer();
            float[] logits = new float[from.remaining()];
            from.get(logits);
            return running.plus(loss, logits, labels);
        }

        void close() {
            up.close();
            down.close();
            if (done != null) {
                done.close();
            }
        }
    }

    private static ByteBuffer bytes(NDArray array) {
        return array.toByteBuffer(true).order(ByteOrder.nativeOrder());
    }

    /**
     * Hands the device a step.
     *
     * @param batch images and labels; its memory is free again on return
     * @param rate of learning
     * @param share of the net in the moving average
     * @param running the score so far
     * @return the score with the step before this one added, if it was not yet
     */
    Score step(Batch batch, double rate, double share, Score running) {
        Place place = places.computeIfAbsent(batch.shape(), Place::new);
        inARow = place == last ? inARow + 1 : 1;
        last = place;
        Slot slot = place.next();
        slot.send(place, batch, objective.targets(batch), rate, share);
        Learned learned = run(place);
        slot.bring(learned);
        InFlight before = inFlight;
        inFlight = new InFlight(slot, batch.labels());
        if (captured == null || learned.loss() != captured.results.loss()) {
            learned.loss().close();
            learned.output().close();
        }
        return before == null ? running : before.slot.read(running, before.labels);
    }

    private Learned run(Place place) {
        if (captured != null && place == captured.place) {
            captured.graph.replay();
            net.learnedUnseen();
            return captured.results;
        }
        if (captures && inARow > BEFORE_CAPTURE) {
            forget();
            return capture(place);
        }
        return enqueue(place);
    }

    private Learned capture(Place place) {
        List<Learned> runs = new ArrayList<>();
        CudaGraph graph = CudaGraph.capture(manager, () -> runs.add(enqueue(place)));
        captured = new Captured(graph, place, runs.get(1));
        return runs.get(0);
    }

    private Learned enqueue(Place place) {
        Learned learned =
                work.enqueue(place.inputs.get(0), place.inputs.get(1), place.inputs.get(2));
        learned.gradients().close();
        return learned;
    }

    /**
     * Waits for the last step.
     *
     * @param running the score so far
     * @return the score with that step added, if it was not yet
     */
    Score settle(Score running) {
        InFlight before = inFlight;
        inFlight = null;
        return before == null ? running : before.slot.read(running, before.labels);
    }

    /** Drops the graph, since the step will be another one. */
    void forget() {
        if (captured != null) {
            if (inFlight != null) {
                inFlight.slot.await();
            }
            captured.graph.close();
            captured.results.loss().close();
            captured.results.output().close();
            captured = null;
        }
    }

    @Override
    public void close() {
        if (inFlight != null) {
            inFlight.slot.await();
        }
        forget();
        places.values().forEach(place -> List.of(place.slots).forEach(Slot::close));
        manager.close();
    }
}
