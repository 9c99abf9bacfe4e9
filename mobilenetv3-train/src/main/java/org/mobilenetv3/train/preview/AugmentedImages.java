package org.mobilenetv3.train.preview;

import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.mobilenetv3.image.Normalization;
import org.mobilenetv3.image.Pixels;
import org.mobilenetv3.train.data.Batch;
import org.mobilenetv3.train.data.BatchLoader;
import org.mobilenetv3.train.data.ImageSet;
import org.mobilenetv3.train.data.augment.Augmentation;
import org.mobilenetv3.train.preview.ContactSheet.Cell;

/**
 * Images beside what training makes of them in successive epochs, through the loader that training
 * uses. Where batches are mixed, the other image is the one in the row above.
 *
 * @param set the training images
 * @param normalization what the net's input goes through; undone for display
 * @param augmentation what is done at random
 * @param seed of what is random
 */
public record AugmentedImages(
        ImageSet set, Normalization normalization, Augmentation augmentation, long seed) {

    /**
     * Makes a table of cells.
     *
     * @param images rows; there are fewer if the set has fewer images
     * @param epochs columns after the original
     * @return the rows
     */
    public List<List<Cell>> rows(int images, int epochs) {
        ImageSet shown = set.subset(classByClass(Math.min(images, set.size())));
        List<List<Cell>> rows = new ArrayList<>();
        for (int i = 0; i < shown.size(); i++) {
            rows.add(new ArrayList<>());
            rows.get(i).add(new Cell(shown.image(i), shown.classes().get(shown.labels()[i])));
        }
        try (BatchLoader loader =
                BatchLoader.builder()
                        .setSet(shown)
                        .setBatchSize(shown.size())
                        .optNormalization(normalization)
                        .optAugmentation(augmentation)
                        .optSeed(seed)
                        .build()) {
            for (int epoch = 0; epoch < epochs; epoch++) {
                for (Batch batch : loader.epoch(epoch)) {
                    try (batch) {
                        add(batch, rows);
                    }
                }
            }
        }
        return rows;
    }

    /** The first image of each class, then the second of each, and so on. */
    private int[] classByClass(int count) {
        int[] seen = new int[set.classes().size()];
        int[] turn = IntStream.range(0, set.size()).map(i -> seen[set.labels()[i]]++).toArray();
        Comparator<Integer> order = Comparator.comparingInt(i -> turn[i]);
        return IntStream.range(0, set.size())
                .boxed()
                .sorted(order.thenComparingInt(i -> set.labels()[i]))
                .limit(count)
                .mapToInt(Integer::intValue)
                .toArray();
    }

    private void add(Batch batch, List<List<Cell>> rows) {
        FloatBuffer values = batch.pixels().asFloatBuffer();
        for (int i = 0; i < batch.size(); i++) {
            rows.get(i).add(new Cell(displayed(values), caption(batch, i)));
        }
    }

    private String caption(Batch batch, int i) {
        String own = set.classes().get((int) batch.labels()[i]);
        String other = set.classes().get((int) batch.partners()[i]);
        return batch.share() == 1
                ? own
                : String.format(
                        Locale.ROOT,
                        "%.2f %s\n%.2f %s",
                        batch.share(),
                        own,
                        1 - batch.share(),
                        other);
    }

    /** Undoes the normalization of the next image. */
    private Pixels displayed(FloatBuffer values) {
        float[] mean = normalization.mean();
        float[] std = normalization.std();
        int plane = set.height() * set.width();
        byte[] samples = new byte[set.channels() * plane];
        for (int i = 0; i < samples.length; i++) {
            float share = values.get() * std[i / plane] + mean[i / plane];
            samples[i] = (byte) Math.max(0, Math.min(255, Math.round(255 * share)));
        }
        return new Pixels(samples, set.channels(), set.height(), set.width());
    }
}
