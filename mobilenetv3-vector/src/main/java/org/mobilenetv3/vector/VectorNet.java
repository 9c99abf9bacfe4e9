package org.mobilenetv3.vector;

import ai.djl.ndarray.types.Shape;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.FloatBuffer;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.mobilenetv3.graph.Graph;
import org.mobilenetv3.graph.GraphRunner;
import org.mobilenetv3.runtime.VectorModule;
import org.mobilenetv3.vector.kernel.Fused;
import org.mobilenetv3.vector.kernel.ScalarKernels;
import org.mobilenetv3.vector.kernel.VectorKernels;

/**
 * A graph, computed in Java. A process begins with {@link ScalarKernels}, which HotSpot compiles
 * while the first prediction runs; the second prediction starts a thread that runs the net on
 * {@link VectorKernels} until they are compiled, too, and from then on they compute. Both give the
 * same bits.
 */
final class VectorNet implements GraphRunner {

    /** Which kernels compute. */
    enum Mode {
        /** What this Java can do, as described above. */
        AUTO,
        SCALAR,
        VECTOR
    }

    /** Nanoseconds of computing after which vectors that are still slower are given up. */
    private static final long PATIENCE = 60_000_000_000L;

    /** Part of the heap that the numbers of one prediction may take for the net to be warmed. */
    private static final int SHARE = 16;

    /** Where a thread's own time comes in steps of 16 ms. */
    private static final boolean WINDOWS = System.getProperty("os.name").startsWith("Windows");

    private static final int CORES = Runtime.getRuntime().availableProcessors();

    /** Predictions under way in this process. */
    private static final AtomicInteger CALLERS = new AtomicInteger();

    /** Whether a net of this process is having vectors compiled, or has had. */
    private static final AtomicBoolean WARMING = new AtomicBoolean();

    /** Whether vectors have been compiled in this process. */
    private static volatile boolean compiled;

    private final int threads;
    private final Team team;
    private final ReadWriteLock open = new ReentrantReadWriteLock();

    /** Whether plain Java computes only until vectors are faster. */
    private final boolean changes;

    private final AtomicBoolean changing = new AtomicBoolean();
    private volatile Plans plans;
    private volatile boolean closed;
    private volatile boolean answered;

    VectorNet(Graph graph, int threads, Mode mode) {
        this.threads = threads;
        boolean vectors =
                (mode == Mode.VECTOR && VectorModule.load()) || (mode == Mode.AUTO && compiled);
        plans = new Plans(graph, vectors ? new VectorKernels() : new ScalarKernels(), threads);
        boolean can = VectorModule.isAvailable() && Fused.SUPPORTED;
        changes = mode == Mode.AUTO && !vectors && can;
        team = new Team(threads);
    }

    @Override
    public float[] run(FloatBuffer images, Shape shape) {
        open.readLock().lock();
        try {
            if (closed) {
                throw new IllegalStateException("The net is closed.");
            }
            if (changes && answered && !changing.get()) {
                change(shape);
            }
            float[] answer = compute(images, shape);
            answered = true;
            return answer;
        } finally {
            open.readLock().unlock();
        }
    }

    /** With helpers, unless they would take the cores of others, who then made everybody wait. */
    private float[] compute(FloatBuffer images, Shape shape) {
        int callers = CALLERS.incrementAndGet();
        try {
            boolean room = callers == 1 || callers + threads - 1 <= CORES;
            return Batch.run(plans, shape, images, room ? team : null, room ? threads : 1);
        } finally {
            CALLERS.decrementAndGet();
        }
    }

    /** Begins to change to vectors, unless another net is having them compiled. */
    private void change(Shape shape) {
        if (!changing.compareAndSet(false, true)) {
            return;
        }
        if (!compiled && !WARMING.compareAndSet(false, true)) {
            changing.set(false);
            return;
        }
        Thread thread = new Thread(() -> tryToChange(shape), "mobilenetv3-vector-compile");
        thread.setDaemon(true);
        thread.start();
    }

    /** Whatever fails, the scalar kernels go on. */
    private void tryToChange(Shape shape) {
        try {
            if (!VectorModule.load()) {
                return;
            }
            Plans vectors = plans.onVectors();
            if (!compiled) {
                warm(plans, vectors, new Shape(1).addAll(shape.slice(1)));
            }
            if (compiled) {
                plans = vectors;
            }
        } catch (RuntimeException | Error ignored) {
            // For instance no memory is left; it shows where somebody waits for an answer.
        } finally {
            if (!compiled) {
                WARMING.set(false); // another net may succeed
            }
        }
    }

    /** Runs vectors until they are faster, if the heap has room for the numbers of an image. */
    private void warm(Plans scalars, Plans vectors, Shape image) {
        Plan scalar = scalars.of(image);
        Plan plan = vectors.of(image);
        if (plan.bytes() > Runtime.getRuntime().maxMemory() / SHARE) {
            return;
        }
        FloatBuffer zeros = FloatBuffer.allocate(Math.toIntExact(image.size()));
        long least = Long.MAX_VALUE;
        for (int i = 0; i < 3; i++) {
            least = Math.min(least, nanos(scalar, zeros));
        }
        int faster = 0;
        for (long spent = 0; spent < PATIENCE && faster < 3; ) {
            if (closed) {
                return;
            }
            long nanos = nanos(plan, zeros);
            faster = nanos < least ? faster + 1 : 0;
            spent += nanos;
        }
        compiled = faster == 3;
    }

    /** Of this thread's own time, however busy the processor is. */
    private static long nanos(Plan plan, FloatBuffer input) {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        boolean own = threads.isCurrentThreadCpuTimeSupported() && !WINDOWS;
        long start = own ? threads.getCurrentThreadCpuTime() : System.nanoTime();
        plan.run(input, null);
        return (own ? threads.getCurrentThreadCpuTime() : System.nanoTime()) - start;
    }

    /** Plans that compute now. */
    Plans plans() {
        return plans;
    }

    /** Waits for predictions that are under way. */
    @Override
    public void close() {
        closed = true;
        open.writeLock().lock();
        try {
            team.close();
        } finally {
            open.writeLock().unlock();
        }
    }
}
