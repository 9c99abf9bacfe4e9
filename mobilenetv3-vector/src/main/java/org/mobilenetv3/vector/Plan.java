package org.mobilenetv3.vector;

import java.lang.ref.SoftReference;
import java.nio.FloatBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.mobilenetv3.vector.kernel.Packed;

/** The steps of a net for one shape of input, and where in an arena their values lie. */
final class Plan {

    private static final int CORES = Runtime.getRuntime().availableProcessors();

    private final Step[] steps;
    private final Tensor input;
    private final Tensor output;
    private final int scratch;
    private final int scratchSize;
    private final int size;

    /** Arenas that nobody uses now; memory that Java needs elsewhere it may take. */
    private final ArrayDeque<SoftReference<float[]>> arenas = new ArrayDeque<>();

    /** From the step that first writes a value to the last that reads it. */
    private record Life(Tensor.Place place, int size, int first, int last) {
        boolean meets(Life other) {
            return first <= other.last && other.first <= last;
        }
    }

    Plan(List<Step> steps, Tensor input, Tensor output, int lanes, int threads) {
        this.steps = steps.toArray(Step[]::new);
        this.input = input;
        this.output = output;
        int end = place(steps, lanes);
        scratch = end;
        int most = steps.stream().mapToInt(Step::scratch).max().orElse(0);
        scratchSize = round(most, lanes);
        size = Math.addExact(end, Math.multiplyExact(scratchSize, threads));
    }

    private static int round(int floats, int lanes) {
        int line = Math.max(lanes, 16);
        return (floats + line - 1) / line * line;
    }

    /** Places values one after the other, largest first, each as low as others leave room. */
    private int place(List<Step> all, int lanes) {
        Map<Tensor.Place, Life> lives = new LinkedHashMap<>();
        live(lives, input, 0);
        for (int i = 0; i < all.size(); i++) {
            for (Tensor read : all.get(i).inputs()) {
                live(lives, read, i);
            }
            live(lives, all.get(i).output(), i);
        }
        live(lives, output, all.size());
        List<Life> placed = new ArrayList<>();
        int end = Packed.START;
        List<Life> order = new ArrayList<>(lives.values());
        order.sort(Comparator.comparingInt(Life::size).reversed());
        for (Life life : order) {
            int at = Packed.START;
            placed.sort(Comparator.comparingInt(other -> other.place.offset));
            for (Life other : placed) {
                int behind = other.place.offset + round(other.size, lanes);
                if (life.meets(other) && at + life.size > other.place.offset && at < behind) {
                    at = behind;
                }
            }
            life.place.offset = at;
            placed.add(life);
            end = Math.max(end, Math.addExact(at, round(life.size, lanes)));
        }
        return end;
    }

    private static void live(Map<Tensor.Place, Life> lives, Tensor tensor, int step) {
        lives.merge(
                tensor.place(),
                new Life(tensor.place(), tensor.size(), step, step),
                (a, b) ->
                        new Life(
                                a.place,
                                Math.max(a.size, b.size),
                                a.first,
                                Math.max(a.last, b.last)));
    }

    /**
     * Computes.
     *
     * @param images values in the order of {@code (N, C, H, W)}
     * @param team helps if nobody else has it; may be null
     * @return the output in the caller's order
     */
    float[] run(FloatBuffer images, Team team) {
        float[] answer = new float[output.values()];
        run(images, images.position(), team, answer, 0);
        return answer;
    }

    /**
     * Computes.
     *
     * @param images values in the order of {@code (N, C, H, W)}
     * @param from where they begin
     * @param team helps if nobody else has it; may be null
     * @param answer the output, in the caller's order
     * @param to where it begins
     */
    void run(FloatBuffer images, int from, Team team, float[] answer, int to) {
        SoftReference<float[]> free = take();
        float[] arena = free == null ? null : free.get();
        if (arena == null) {
            arena = new float[size];
            free = new SoftReference<>(arena);
        }
        images.get(from, arena, input.offset(), input.size());
        if (team != null && team.take()) {
            try {
                for (Step step : steps) {
                    team.run(step, arena, scratch, scratchSize);
                }
            } finally {
                team.release();
            }
        } else {
            for (Step step : steps) {
                alone(step, arena);
            }
        }
        output.read(arena, answer, to);
        give(free); // not after a failure
    }

    /** Values of the input, and of the output, of all images. */
    int inputs() {
        return input.size();
    }

    int outputs() {
        return output.values();
    }

    /** What the values that a step leaves to others take of memory. */
    long valueBytes() {
        return (long) scratch * Float.BYTES;
    }

    private SoftReference<float[]> take() {
        synchronized (arenas) {
            return arenas.pollFirst();
        }
    }

    /** Keeps an arena for each core: more callers gain nothing, and fewer come by and by. */
    private void give(SoftReference<float[]> free) {
        synchronized (arenas) {
            if (arenas.size() < CORES) {
                arenas.addFirst(free);
            }
        }
    }

    /** What an arena takes of memory. */
    long bytes() {
        return (long) size * Float.BYTES;
    }

    /**
     * Computes once, step by step.
     *
     * @param images as {@link #run}
     * @param team whom the caller has taken, or null
     * @return microseconds of each step
     */
    double[] profile(FloatBuffer images, Team team) {
        float[] arena = new float[size];
        images.get(images.position(), arena, input.offset(), input.size());
        double[] micros = new double[steps.length];
        for (int i = 0; i < steps.length; i++) {
            long start = System.nanoTime();
            if (team != null) {
                team.run(steps[i], arena, scratch, scratchSize);
            } else {
                alone(steps[i], arena);
            }
            micros[i] = (System.nanoTime() - start) / 1e3;
        }
        return micros;
    }

    private void alone(Step step, float[] arena) {
        int units = step.units();
        for (int unit = 0; unit < units; unit++) {
            step.run(arena, unit, scratch);
        }
    }

    Step[] steps() {
        return steps;
    }
}
