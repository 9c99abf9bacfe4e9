package org.mobilenetv3.train.metric;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.mobilenetv3.segmentation.Mask;
import org.mobilenetv3.train.metric.SegmentationResult.ClassResult;

/**
 * Scores masks by one confusion matrix over the pixels of all images, as torchvision's {@code
 * ConfusionMatrix} (references/segmentation/utils.py) does. The figures are computed in double
 * precision, torchvision's in single. Where a class occurs neither in the truth nor in a prediction
 * its IoU is 0/0: it is left out of the mean here, while torchvision's mean becomes NaN.
 */
public final class SegmentationScore {

    private final List<String> classes;
    private final long[][] counts;
    private final SortedMap<Long, ClassPixels> images = new TreeMap<>();
    private final Worst<SegmentedImage> worst = new Worst<>(SegmentedImage.WORST_FIRST);

    /**
     * Begins with no images.
     *
     * @param classes names by index
     */
    public SegmentationScore(List<String> classes) {
        this.classes = List.copyOf(classes);
        counts = new long[classes.size()][classes.size()];
    }

    /**
     * Adds an image.
     *
     * @param image its id, for instance its index in its set
     * @param truth its classes; {@link Mask#IGNORED} does not count
     * @param found those predicted, of the same size
     * @throws IllegalArgumentException if the image was added before, the sizes differ, or a value
     *     is not that of a class
     */
    public void add(long image, Mask truth, Mask found) {
        requireNew(image);
        if (truth.height() != found.height() || truth.width() != found.width()) {
            throw refused(
                    "Of image %d the truth is %d pixels high and %d wide, the prediction %d and"
                            + " %d; resize the prediction.",
                    image, truth.height(), truth.width(), found.height(), found.width());
        }
        long[][] own = count(image, truth, found);
        add(own);
        ClassPixels pixels = ClassPixels.of(own);
        images.put(image, pixels);
        double meanIou = pixels.meanIou();
        if (meanIou < 1) { // NaN where everything is ignored
            worst.add(new SegmentedImage(image, meanIou, found));
        }
    }

    /**
     * Adds all images of another score.
     *
     * @param other of the same classes
     * @throws IllegalArgumentException if its classes differ, or an image is in both
     */
    public void addAll(SegmentationScore other) {
        if (!classes.equals(other.classes)) {
            throw refused(
                    "A score of the classes %s cannot be added to one of %s; score the same"
                            + " classes.",
                    other.classes, classes);
        }
        other.images.keySet().forEach(this::requireNew);
        images.putAll(other.images);
        add(other.counts);
        worst.addAll(other.worst);
    }

    /**
     * Returns the confusion matrix of the images so far.
     *
     * @return {@code counts[label][predicted]}, pixels; a copy
     */
    public long[][] counts() {
        return Arrays.stream(counts).map(long[]::clone).toArray(long[][]::new);
    }

    /**
     * Returns the images with the lowest mean IoU.
     *
     * @return at most 12, the lowest first; none where every pixel is right
     */
    public List<SegmentedImage> worst() {
        return worst.list();
    }

    /**
     * Computes the mean IoU of the images so far, as {@link SegmentationResult#meanIou}.
     *
     * @return 0 to 1; NaN if there are no pixels that count
     */
    public double meanIou() {
        return ClassPixels.of(counts).meanIou();
    }

    /**
     * Computes all figures of the images so far.
     *
     * @return those of all classes and of each
     */
    public SegmentationResult result() {
        ClassPixels pixels = ClassPixels.of(counts);
        return new SegmentationResult(
                images.size(),
                pixels.all(),
                orNull(pixels.meanIou()),
                interval(),
                orNull(pixels.pixelAccuracy()),
                orNull(pixels.meanAccuracy()),
                IntStream.range(0, classes.size())
                        .mapToObj(
                                c ->
                                        new ClassResult(
                                                classes.get(c),
                                                pixels.truth()[c],
                                                orNull(pixels.iou(c)),
                                                orNull(pixels.accuracy(c))))
                        .toList());
    }

    private Interval interval() {
        List<ClassPixels> all = List.copyOf(images.values());
        return Bootstrap.interval(
                all.size(),
                times -> {
                    ClassPixels drawn = new ClassPixels(classes.size());
                    for (int i = 0; i < times.length; i++) {
                        drawn.add(all.get(i), times[i]);
                    }
                    return drawn.meanIou();
                });
    }

    private long[][] count(long image, Mask truth, Mask found) {
        long[][] own = new long[classes.size()][classes.size()];
        for (int i = 0; i < truth.classes().length; i++) {
            int label = truth.classes()[i] & 0xff;
            int predicted = found.classes()[i] & 0xff;
            if (predicted >= own.length || (label >= own.length && label != Mask.IGNORED)) {
                throw refused(
                        "Image %d has a pixel of class %d predicted as %d; expected 0 to %d, and"
                                + " %d in the truth where there is none.",
                        image, label, predicted, own.length - 1, Mask.IGNORED);
            }
            if (label != Mask.IGNORED) {
                own[label][predicted]++;
            }
        }
        return own;
    }

    private void add(long[][] others) {
        for (int label = 0; label < counts.length; label++) {
            for (int predicted = 0; predicted < counts.length; predicted++) {
                counts[label][predicted] += others[label][predicted];
            }
        }
    }

    private void requireNew(long image) {
        if (images.containsKey(image)) {
            throw refused("Image %d was added twice; add each image once.", image);
        }
    }

    private static IllegalArgumentException refused(String sentence, Object... values) {
        return new IllegalArgumentException(String.format(Locale.ROOT, sentence, values));
    }

    /** JSON has no NaN. */
    private static Double orNull(double value) {
        return Double.isNaN(value) ? null : Double.valueOf(value);
    }
}
