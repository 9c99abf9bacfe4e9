package org.mobilenetv3.vector;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.locks.LockSupport;

/**
 * Threads that share the units of steps. Whoever computes works too; the others wait in a loop for
 * a moment, and then sleep. One caller has them at a time; others compute alone meanwhile.
 */
final class Team implements AutoCloseable {

    /** Turns of the loop in which a helper waits for the next step before it sleeps. */
    private static final int TURNS = 3_000;

    /** Integers of two cache lines. */
    private static final int APART = 32;

    private final Helper[] helpers;
    private final AtomicBoolean taken = new AtomicBoolean();

    /** The next unit of each worker's share, on cache lines of their own. */
    private final AtomicIntegerArray next;

    private final AtomicInteger working = new AtomicInteger();

    // Written by the caller before the round, read by helpers after it.
    private Step step;
    private float[] arena;
    private int scratch;
    private int scratchSize;
    private volatile int round;
    private volatile Throwable failure;
    private volatile boolean closed;

    Team(int threads) {
        helpers = new Helper[threads - 1];
        next = new AtomicIntegerArray(threads * APART);
        for (int i = 0; i < helpers.length; i++) {
            helpers[i] = new Helper(i + 1);
        }
        try {
            for (Helper helper : helpers) {
                helper.start();
            }
        } catch (OutOfMemoryError e) { // the system has no more threads
            close();
            throw e;
        }
    }

    /** Whether the caller has the team now, until {@link #release}. */
    boolean take() {
        return helpers.length > 0 && taken.compareAndSet(false, true);
    }

    void release() {
        step = null;
        arena = null;
        taken.set(false);
    }

    /** Does a step with everybody. The caller must have taken the team. */
    @SuppressWarnings("ThreadPriorityCheck") // yields to a helper that has no core now
    void run(Step work, float[] a, int base, int size) {
        int units = work.units();
        if (units == 1) {
            work.run(a, 0, base);
            return;
        }
        step = work;
        arena = a;
        scratch = base;
        scratchSize = size;
        int workers = helpers.length + 1;
        for (int w = 0; w < workers; w++) {
            next.lazySet(w * APART, begin(w, units));
        }
        failure = null; // of a step that failed for the caller, too
        working.set(helpers.length);
        int started = round + 1; // only the caller writes it
        round = started;
        for (Helper helper : helpers) {
            if (helper.asleep) {
                LockSupport.unpark(helper);
            }
        }
        try {
            share(work, a, base, units, 0);
        } catch (RuntimeException | Error e) {
            // Nobody begins another unit.
            for (int w = 0; w < workers; w++) {
                next.set(w * APART, units);
            }
            throw e;
        } finally {
            for (int turns = 0; working.get() > 0; turns++) {
                if (turns < TURNS) {
                    Thread.onSpinWait();
                } else {
                    Thread.yield();
                }
            }
        }
        Throwable failed = failure;
        if (failed != null) {
            throw new IllegalStateException("A thread of the vector engine failed.", failed);
        }
    }

    private int begin(int worker, int units) {
        return (int) ((long) units * worker / (helpers.length + 1));
    }

    /**
     * First the worker's own share, which lies where its last step's did; then what others left.
     */
    private void share(Step work, float[] a, int base, int units, int worker) {
        int workers = helpers.length + 1;
        for (int i = 0; i < workers; i++) {
            int owner = (worker + i) % workers;
            int end = begin(owner + 1, units);
            int unit = next.getAndIncrement(owner * APART);
            while (unit < end) {
                work.run(a, unit, base);
                unit = next.getAndIncrement(owner * APART);
            }
        }
    }

    @Override
    public void close() {
        closed = true;
        for (Helper helper : helpers) {
            LockSupport.unpark(helper);
        }
    }

    private final class Helper extends Thread {
        private final int number;
        volatile boolean asleep;

        Helper(int number) {
            super("mobilenetv3-vector-" + number);
            this.number = number;
            setDaemon(true);
        }

        @Override
        public void run() {
            int seen = 0;
            while (true) {
                int turns = 0;
                while (round == seen) {
                    if (closed) {
                        return;
                    }
                    if (turns < TURNS) {
                        turns++;
                        Thread.onSpinWait();
                    } else {
                        asleep = true;
                        if (round == seen && !closed) {
                            LockSupport.park(Team.this);
                        }
                        asleep = false;
                    }
                }
                seen = round;
                work();
            }
        }

        private void work() {
            try {
                Step work = step;
                share(work, arena, scratch + number * scratchSize, work.units(), number);
            } catch (RuntimeException | Error e) {
                failure = e;
            } finally {
                working.decrementAndGet();
            }
        }
    }
}
