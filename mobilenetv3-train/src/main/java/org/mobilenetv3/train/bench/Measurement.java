package org.mobilenetv3.train.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;
import org.mobilenetv3.train.bench.CaseResult.Absence;
import org.mobilenetv3.train.bench.CaseResult.Row;

/**
 * Measures implementations turn by turn, so that what else happens on the machine meets all alike.
 *
 * <p>Each is warmed up first and told how many steps make a repetition; then every round runs each
 * of them once, the first of a round being the second of the round before. Whoever fails drops out.
 * The processes of the others wait meanwhile without computing.
 */
public final class Measurement {

    /**
     * How to measure.
     *
     * @param repetitions rounds
     * @param warmUpMillis how long each computes before the first round, at least
     * @param repetitionMillis how long a repetition lasts, at least
     * @param pauseMillis between turns, until the threads of the one before sleep
     */
    public record Plan(
            int repetitions, double warmUpMillis, double repetitionMillis, long pauseMillis) {

        /**
         * Measures 0.3 s at a time after 1.5 s of warm-up.
         *
         * @param repetitions rounds, at least 1
         * @return the plan
         * @throws IllegalArgumentException if there are no rounds
         */
        public static Plan of(int repetitions) {
            if (repetitions < 1) {
                throw new IllegalArgumentException(
                        String.format(
                                Locale.ROOT,
                                "The number of repetitions is %d; give at least 1, better 7 or more.",
                                repetitions));
            }
            return new Plan(repetitions, 1500, 300, 50);
        }
    }

    /** Below this many steps just-in-time compilers are at work still. */
    private static final int WARM_UP_STEPS = 5;

    private static final class Turn {
        private final Implementation implementation;
        private final int steps;
        private final List<Double> milliseconds = new ArrayList<>();

        private Turn(Implementation implementation, int steps) {
            this.implementation = implementation;
            this.steps = steps;
        }
    }

    private final BenchCase work;
    private final Plan plan;
    private final Consumer<String> progress;
    private final List<Turn> turns = new ArrayList<>();
    private final List<Absence> absences = new ArrayList<>();

    private Measurement(BenchCase work, Plan plan, Consumer<String> progress) {
        this.work = work;
        this.plan = plan;
        this.progress = progress;
    }

    /**
     * Measures a case and closes the implementations.
     *
     * @param work the case
     * @param implementations made for this case
     * @param plan how to measure
     * @param progress told what goes on
     * @return the figures
     */
    public static CaseResult run(
            BenchCase work,
            List<Implementation> implementations,
            Plan plan,
            Consumer<String> progress) {
        Measurement measurement = new Measurement(work, plan, progress);
        try {
            implementations.forEach(measurement::enter);
            for (int round = 0; round < plan.repetitions; round++) {
                measurement.round(round);
            }
            return measurement.result();
        } finally {
            implementations.forEach(Implementation::close);
        }
    }

    private void enter(Implementation implementation) {
        progress.accept("%s: warming up %s".formatted(work.name(), implementation.name()));
        try {
            Optional<String> skipped = implementation.prepare();
            if (skipped.isPresent()) {
                absent(implementation, false, skipped.get());
            } else {
                turns.add(new Turn(implementation, calibrate(implementation)));
            }
        } catch (IOException | RuntimeException e) {
            absent(implementation, true, String.valueOf(e.getMessage()));
        }
        pause();
    }

    /** Warms up in growing numbers of steps; the last of them tell how many a repetition takes. */
    private int calibrate(Implementation implementation) throws IOException {
        double spent = 0;
        int done = 0;
        int steps = 1;
        while (true) {
            double milliseconds = implementation.run(steps);
            spent += milliseconds * steps;
            done += steps;
            int enough = stepsFor(plan.repetitionMillis, milliseconds);
            if (spent >= plan.warmUpMillis && done >= WARM_UP_STEPS) {
                return enough;
            }
            steps = Math.min(2 * steps, enough);
        }
    }

    /** How many steps of this length last at least so long. */
    static int stepsFor(double atLeast, double stepMilliseconds) {
        return (int) Math.max(1, Math.min(1_000_000, Math.ceil(atLeast / stepMilliseconds)));
    }

    private void round(int round) {
        progress.accept(
                String.format(
                        Locale.ROOT,
                        "%s: repetition %d of %d",
                        work.name(),
                        round + 1,
                        plan.repetitions));
        List<Turn> order = new ArrayList<>(turns);
        Collections.rotate(order, -round);
        for (Turn turn : order) {
            try {
                turn.milliseconds.add(turn.implementation.run(turn.steps));
            } catch (IOException | RuntimeException e) {
                absent(turn.implementation, true, String.valueOf(e.getMessage()));
                turns.remove(turn);
            }
            pause();
        }
    }

    private void absent(Implementation implementation, boolean failed, String reason) {
        String sentence = reason.lines().findFirst().orElse("no reason given");
        absences.add(new Absence(implementation.name(), implementation.engine(), failed, sentence));
        implementation.close();
    }

    private void pause() {
        try {
            Thread.sleep(plan.pauseMillis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("The measurement was interrupted.", e);
        }
    }

    private CaseResult result() {
        List<Row> rows = new ArrayList<>();
        for (Turn turn : turns) {
            Implementation implementation = turn.implementation;
            rows.add(
                    new Row(
                            implementation.name(),
                            implementation.engine(),
                            implementation.ours(),
                            implementation.full(),
                            implementation.sameNet(),
                            turn.steps,
                            new Timings(turn.milliseconds)));
        }
        return new CaseResult(work, rows, absences);
    }
}
