package org.mobilenetv3.vector;

import ai.djl.ndarray.types.Shape;
import java.nio.FloatBuffer;
import java.util.List;
import java.util.Locale;

/**
 * A batch in pieces whose values stay in a core's caches. Each worker computes pieces of its own,
 * so that nobody waits for another within one; a single piece is shared step by step instead.
 */
final class Batch extends Step {

    /** Bytes of values that a core's caches hold, most of which are needed for a moment only. */
    private static final long CACHED = 4 << 20;

    private final Plan plan;
    private final Plan last;
    private final int pieces;
    private final FloatBuffer images;
    private final float[] answer;

    private Batch(Plan plan, Plan last, int pieces, FloatBuffer images) {
        this.plan = plan;
        this.last = last;
        this.pieces = pieces;
        this.images = images;
        answer = new float[Math.addExact((pieces - 1) * plan.outputs(), last.outputs())];
    }

    /**
     * Computes.
     *
     * @param plans of the net
     * @param shape of the images
     * @param images values in the order of {@code (N, C, H, W)}
     * @param team helps if nobody else has it; may be null
     * @param threads of the team and the caller
     * @return the output in the caller's order
     */
    static float[] run(Plans plans, Shape shape, FloatBuffer images, Team team, int threads) {
        long count = shape.get(0);
        Shape image = shape.slice(1);
        boolean several = count > 1 && shape.dimension() == 4;
        Plan one = plans.of(several ? new Shape(1).addAll(image) : shape);
        if (images.remaining() < shape.size()) {
            throw new IllegalArgumentException(
                    String.format(
                            Locale.ROOT,
                            "Images %s are %d numbers, but the buffer holds %d.",
                            shape,
                            shape.size(),
                            images.remaining()));
        }
        long each = together(one, count, threads);
        if (each == count) {
            return plans.of(shape).run(images, team);
        }
        int pieces = Math.toIntExact((count + each - 1) / each);
        Plan plan = plans.of(new Shape(each).addAll(image));
        Plan last = plans.of(new Shape(count - each * (pieces - 1)).addAll(image));
        Batch batch = new Batch(plan, last, pieces, images);
        if (team != null && team.take()) {
            try {
                team.run(batch, null, 0, 0);
            } finally {
                team.release();
            }
        } else {
            for (int piece = 0; piece < pieces; piece++) {
                batch.run(null, piece, 0);
            }
        }
        return batch.answer;
    }

    /** Images of a piece: all pieces but the last have as many, and no worker is without one. */
    private static long together(Plan one, long count, int threads) {
        long most = Math.max(CACHED / one.valueBytes(), 1);
        long pieces = Math.max((count + most - 1) / most, Math.min(threads, count));
        return (count + pieces - 1) / pieces;
    }

    @Override
    List<Tensor> inputs() {
        return List.of();
    }

    @Override
    Tensor output() {
        return null;
    }

    @Override
    int units() {
        return pieces;
    }

    @Override
    void run(float[] a, int unit, int scratch) {
        Plan piece = unit < pieces - 1 ? plan : last;
        int from = images.position() + unit * plan.inputs();
        piece.run(images, from, null, answer, unit * plan.outputs());
    }
}
