package org.mobilenetv3.vector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.function.IntConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(60)
class TeamTest {

    private static final int SCRATCH = 100;

    /** A step that does something else than compute. */
    private static Step step(int units, IntConsumer work) {
        return new Step() {
            @Override
            List<Tensor> inputs() {
                return List.of();
            }

            @Override
            Tensor output() {
                throw new UnsupportedOperationException();
            }

            @Override
            int units() {
                return units;
            }

            @Override
            void run(float[] a, int unit, int scratch) {
                work.accept(unit);
            }
        };
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "2, 1", "2, 2", "2, 7", "3, 2", "3, 100", "8, 3", "8, 50"})
    void everyUnitIsDoneOnce(int threads, int units) {
        try (Team team = new Team(threads)) {
            for (int i = 0; i < 300; i++) {
                AtomicIntegerArray done = new AtomicIntegerArray(units);
                team.run(step(units, done::getAndIncrement), new float[0], 0, 0);
                for (int unit = 0; unit < units; unit++) {
                    assertThat(done.get(unit)).isEqualTo(1);
                }
            }
        }
    }

    @Test
    void eachWorkerHasFloatsOfItsOwn() {
        int threads = 3;
        CountDownLatch all = new CountDownLatch(threads);
        AtomicIntegerArray used = new AtomicIntegerArray(threads);
        Step step =
                new Step() {
                    @Override
                    List<Tensor> inputs() {
                        return List.of();
                    }

                    @Override
                    Tensor output() {
                        throw new UnsupportedOperationException();
                    }

                    @Override
                    int units() {
                        return threads;
                    }

                    @Override
                    void run(float[] a, int unit, int scratch) {
                        used.incrementAndGet((scratch - SCRATCH) / 16);
                        all.countDown();
                        await(all);
                    }
                };
        try (Team team = new Team(threads)) {
            team.run(step, new float[0], SCRATCH, 16);
        }
        for (int w = 0; w < threads; w++) {
            assertThat(used.get(w)).isEqualTo(1);
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void aHelpersFailureReachesTheCallerOnceAndTheTeamGoesOn() {
        Thread caller = Thread.currentThread();
        // The caller waits in its unit until the helper has failed in its own.
        CountDownLatch failed = new CountDownLatch(1);
        Step broken =
                step(
                        2,
                        unit -> {
                            if (Thread.currentThread() == caller) {
                                await(failed);
                            } else {
                                failed.countDown();
                                throw new StackOverflowError("on purpose");
                            }
                        });
        try (Team team = new Team(2)) {
            assertThatIllegalStateException()
                    .isThrownBy(() -> team.run(broken, new float[0], 0, 0))
                    .withMessage("A thread of the vector engine failed.")
                    .withCauseInstanceOf(StackOverflowError.class);
            assertWorks(team);
        }
    }

    @Test
    void aFailureOfAllIsNotThrownAgainByTheNextStep() {
        Step broken =
                step(
                        64,
                        unit -> {
                            throw new IllegalArgumentException("on purpose");
                        });
        try (Team team = new Team(3)) {
            for (int i = 0; i < 50; i++) {
                assertThatThrownBy(() -> team.run(broken, new float[0], 0, 0))
                        .isInstanceOf(RuntimeException.class);
                assertWorks(team);
            }
        }
    }

    private static void assertWorks(Team team) {
        AtomicIntegerArray done = new AtomicIntegerArray(10);
        team.run(step(10, done::getAndIncrement), new float[0], 0, 0);
        for (int unit = 0; unit < 10; unit++) {
            assertThat(done.get(unit)).isEqualTo(1);
        }
    }

    @Test
    void helpersThatSleepAreWoken() throws InterruptedException {
        try (Team team = new Team(3)) {
            for (int i = 0; i < 5; i++) {
                Thread.sleep(30); // longer than helpers turn in their loop
                assertWorks(team);
            }
        }
    }

    @Test
    void oneCallerHasTheTeamAtATime() {
        try (Team team = new Team(2);
                Team single = new Team(1)) {
            assertThat(team.take()).isTrue();
            assertThat(team.take()).isFalse();
            team.release();
            assertThat(team.take()).isTrue();
            assertThat(single.take()).as("alone there is nobody to take").isFalse();
        }
    }

    @Test
    void closingEndsTheHelpers() throws InterruptedException {
        Team team = new Team(4);
        List<Thread> helpers =
                Thread.getAllStackTraces().keySet().stream()
                        .filter(t -> t.getName().startsWith("mobilenetv3-vector-"))
                        .filter(Thread::isAlive)
                        .toList();
        assertThat(helpers).hasSizeGreaterThanOrEqualTo(3);
        team.close();
        team.close();
        for (Thread helper : helpers) {
            helper.join(20_000);
            assertThat(helper.isAlive()).isFalse();
        }
    }
}
