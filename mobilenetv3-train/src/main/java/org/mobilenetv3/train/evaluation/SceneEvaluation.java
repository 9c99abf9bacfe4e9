package org.mobilenetv3.train.evaluation;

import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.mobilenetv3.detection.Anchors;
import org.mobilenetv3.detection.PostProcessing;
import org.mobilenetv3.preprocessing.Preprocessing;
import org.mobilenetv3.segmentation.Mask;
import org.mobilenetv3.train.data.ImageBatch;
import org.mobilenetv3.train.data.Loader;
import org.mobilenetv3.train.data.scene.Scene;
import org.mobilenetv3.train.data.scene.SceneSet;
import org.mobilenetv3.train.data.scene.augment.RenderedScene;
import org.mobilenetv3.train.data.scene.augment.SceneAugmentation;
import org.mobilenetv3.train.data.scene.augment.SceneRenderer;
import org.mobilenetv3.train.data.scene.batch.SceneLoader;
import org.mobilenetv3.train.metric.CocoEvaluation;
import org.mobilenetv3.train.metric.SegmentationScore;
import org.mobilenetv3.train.run.ProgressLine;
import org.mobilenetv3.train.run.Score;
import org.mobilenetv3.trained.Logits;
import org.mobilenetv3.trained.NetDescription;

/**
 * Scores a net that detects or segments.
 *
 * @param net a trained net, or what answers as one
 * @param description of the net
 * @param set the scenes
 * @param loaderThreads threads that make batches
 */
public record SceneEvaluation(
        Logits net, NetDescription description, SceneSet set, int loaderThreads) {

    private static final int BATCH = 16;

    /** So many logits of pixels at most are held at a time. */
    private static final long MOST_LOGITS = 1 << 25;

    /** Images with what is to be found. */
    private static final class Images extends ImageBatch {
        private final List<Scene> scenes;
        private final List<RenderedScene> seen;

        Images(
                Memory memory,
                Shape shape,
                List<Scene> scenes,
                List<RenderedScene> seen,
                int[] indices) {
            super(memory, shape, indices);
            this.scenes = scenes;
            this.seen = seen;
        }
    }

    /**
     * Finds the objects of all images, in the images' own size.
     *
     * @param stop asked after each batch whether to stop
     * @return the score, of the images so far if it was stopped
     * @throws IOException if an image cannot be read, or the net fails
     */
    public CocoEvaluation boxes(BooleanSupplier stop) throws IOException {
        Preprocessing input = description.preprocessing();
        Anchors anchors = description.architecture().anchors(input.height(), input.width());
        CocoEvaluation evaluation = new CocoEvaluation(set.classes());
        SceneRenderer renderer =
                SceneRenderer.ofBoxes(
                        SceneAugmentation.NONE,
                        description.inputNormalization(),
                        input.height(),
                        input.width());
        int logits = set.classes().size() + 1;
        forEach(
                renderer,
                BATCH,
                (batch, output) -> {
                    for (int i = 0; i < batch.size(); i++) {
                        Scene scene = batch.scenes.get(i);
                        evaluation.add(
                                batch.indices()[i],
                                scene.boxes(),
                                PostProcessing.SSDLITE.ofAnswer(
                                        output,
                                        i,
                                        anchors,
                                        logits,
                                        scene.image().height(),
                                        scene.image().width()));
                    }
                    return !stop.getAsBoolean();
                });
        return evaluation;
    }

    /**
     * Segments the center of each image, as large as the net's input: one shape for all, and fast.
     *
     * @param stop asked after each batch whether to stop
     * @return the score, of the images so far if it was stopped
     * @throws IOException if an image cannot be read, or the net fails
     */
    public SegmentationScore centerCrops(BooleanSupplier stop) throws IOException {
        Preprocessing input = description.preprocessing();
        SegmentationScore score = new SegmentationScore(set.classes());
        SceneRenderer renderer =
                SceneRenderer.ofMasks(
                        SceneAugmentation.NONE,
                        description.inputNormalization(),
                        input.height(),
                        input.width());
        long each = (long) set.classes().size() * input.height() * input.width();
        forEach(
                renderer,
                (int) Math.max(1, Math.min(BATCH, MOST_LOGITS / each)),
                (batch, output) -> {
                    for (int i = 0; i < batch.size(); i++) {
                        score.add(
                                batch.indices()[i],
                                batch.seen.get(i).mask(),
                                mask(output, i, input.height(), input.width()));
                    }
                    return !stop.getAsBoolean();
                });
        return score;
    }

    /**
     * Segments whole images, each in its own proportions, the shorter side as long as the net's
     * input; the mask is compared in that size, as in torchvision's references.
     *
     * @param stop asked after each image whether to stop
     * @return the score, of the images so far if it was stopped
     * @throws IOException if an image cannot be read, or the net fails
     */
    public SegmentationScore masks(BooleanSupplier stop) throws IOException {
        Preprocessing input = description.preprocessing();
        int side = Math.min(input.height(), input.width());
        SegmentationScore score = new SegmentationScore(set.classes());
        long begin = System.nanoTime();
        try (ProgressLine line = new ProgressLine("images", set.size(), 0)) {
            for (int i = 0; i < set.size() && !stop.getAsBoolean(); i++) {
                RenderedScene scene =
                        SceneRenderer.whole(set.scene(i), description.inputNormalization(), side);
                Shape shape = new Shape(1, input.channels(), scene.height(), scene.width());
                float[] output = net.logits(direct(scene.values()), shape);
                score.add(i, scene.mask(), mask(output, 0, scene.height(), scene.width()));
                line.update(new Score(Double.NaN, -1, i + 1L), timeLeft(begin, i + 1));
            }
        }
        return score;
    }

    private Mask mask(float[] logits, int image, int height, int width) {
        int length = set.classes().size() * height * width;
        float[] own = Arrays.copyOfRange(logits, image * length, (image + 1) * length);
        return Mask.ofLogits(own, height, width, height, width);
    }

    private Duration timeLeft(long begin, int done) {
        double perImage = (System.nanoTime() - begin) / (double) done;
        return Duration.ofNanos(Math.round(perImage * (set.size() - done)));
    }

    private static FloatBuffer direct(float[] values) {
        FloatBuffer buffer =
                ByteBuffer.allocateDirect(values.length * Float.BYTES)
                        .order(ByteOrder.nativeOrder())
                        .asFloatBuffer();
        return buffer.put(values).flip();
    }

    @FunctionalInterface
    private interface Consumer {
        boolean accept(Images batch, float[] output) throws IOException;
    }

    private void forEach(SceneRenderer renderer, int batchSize, Consumer consumer)
            throws IOException {
        Preprocessing input = description.preprocessing();
        Shape image = new Shape(input.channels(), input.height(), input.width());
        try (SceneLoader<Images> loader =
                        new SceneLoader<>(
                                set,
                                renderer,
                                image,
                                new Loader.Options(batchSize, false, 0, loaderThreads, 2),
                                Images::new);
                ProgressLine line = new ProgressLine("images", set.size(), 0)) {
            long begin = System.nanoTime();
            int done = 0;
            for (Images batch : loader.epoch(0)) {
                try (batch) {
                    float[] output = net.logits(batch.pixels().asFloatBuffer(), batch.shape());
                    if (!consumer.accept(batch, output)) {
                        break;
                    }
                    done += batch.size();
                    line.update(new Score(Double.NaN, -1, done), timeLeft(begin, done));
                }
            }
        }
    }
}
