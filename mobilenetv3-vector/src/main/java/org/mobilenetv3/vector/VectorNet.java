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

    /** Runs after which vectors that are still slower are given up. */
    private static final int TRIES = 300;

    private static final int CORES = Runtime.getRuntime().availableProcessors();

    /** Predictions under way in this process. */
    private static final AtomicInteger CALLERS = new AtomicInteger();

    /** Whether vectors have been compiled in this process. */
    private static volatile boolean compiled;

    private final Graph graph;
    private final int threads;
    private final Team team;
    private final ReadWriteLock open = new ReentrantReadWriteLock();
    private final AtomicBoolean warming;
    private volatile Plans plans;
    private volatile boolean closed;
    private volatile boolean answered;

    VectorNet(Graph graph, int threads, Mode mode) {
        this.graph = graph;
        this.threads = threads;
        boolean vectors = mode == Mode.VECTOR || (mode == Mode.AUTO && compiled);
        plans = new Plans(graph, vectors ? new VectorKernels() : new ScalarKernels(), threads);
        warming = new AtomicBoolean(mode != Mode.AUTO || vectors || !VectorProvider.hasVectors());
        team = new Team(threads);
    }

    @Override
    public float[] run(FloatBuffer images, Shape shape) {
        open.readLock().lock();
        try {
            if (closed) {
                throw new IllegalStateException("The net is closed.");
            }
            if (answered && warming.compareAndSet(false, true)) {
                Thread thread = new Thread(() -> warm(shape), "mobilenetv3-vector-compile");
                thread.setDaemon(true);
                thread.start();
            }
            Plan plan = plans.of(shape);
            float[] answer = run(plans.of(shape), images);
            answered = true;
            return answer;
        } finally {
            open.readLock().unlock();
        }
    }

    /** With helpers, unless they would take the cores of others, who then made everybody wait. */
    private float[] run(Plan plan, FloatBuffer images) {
        int callers = CALLERS.incrementAndGet();
        try {
            boolean room = callers == 1 || callers + threads - 1 <= CORES;
            return plan.run(images, room ? team : null);
        } finally {
            CALLERS.decrementAndGet();
        }
    }

    /** Runs vectors until they are faster. */
    private void warm(Shape shape) {
        FloatBuffer zeros = FloatBuffer.allocate(Math.toIntExact(shape.size()));
        Plan scalar = plans.of(shape);
        Plans vectors = new Plans(graph, new VectorKernels(), threads);
        Plan plan = vectors.of(shape);
        long least = Long.MAX_VALUE;
        for (int i = 0; i < 3; i++) {
            least = Math.min(least, nanos(scalar, zeros));
        }
        int faster = 0;
        for (int i = 0; i < TRIES && !closed && faster < 3; i++) {
            faster = nanos(plan, zeros) < least ? faster + 1 : 0;
        }
        if (faster == 3) {
            compiled = true;
            plans = vectors;
        }
    }

    /** Of this thread's own time, however busy the processor is. */
    private static long nanos(Plan plan, FloatBuffer input) {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        boolean own = threads.isCurrentThreadCpuTimeSupported();
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
