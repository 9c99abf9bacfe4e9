package org.mobilenetv3.train.metric;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.DoubleSummaryStatistics;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.mobilenetv3.detection.Detection;
import org.mobilenetv3.train.data.scene.LabeledBox;
import org.mobilenetv3.train.metric.DetectionResult.ClassResult;

/**
 * Scores detections as pycocotools 2.0's {@code COCOeval} does with {@code iouType="bbox"} and its
 * own parameters: the same figures, whatever the order in which images are added.
 *
 * <p>Pascal VOC's average precision is computed beside, as its VOCevaldet.m does but for detections
 * beyond the first hundred of a class in an image.
 *
 * <p>Boxes are known by their edges. Where an IoU is one of the limits to the last digit, rounding
 * may decide otherwise than in pycocotools, which knows boxes by their width and height.
 *
 * <p>An ignored object is what {@code iscrowd} is to COCO and {@code difficult} to VOC: any number
 * of detections may lie in it, and they are neither right nor wrong.
 */
public final class CocoEvaluation {

    /** So many detections of a class in an image count: those with the highest scores. */
    public static final int MAX_DETECTIONS = 100;

    private static final int SMALL = 1;
    private static final int MEDIUM = 2;
    private static final int LARGE = 3;
    private static final int IOU_50 = 0;
    private static final int IOU_75 = 5;

    private final List<String> classes;
    private final SortedMap<Long, List<ImageMatches>> images = new TreeMap<>();
    private final Worst<DetectedImage> worst = new Worst<>(DetectedImage.WORST_FIRST);

    /**
     * Begins with no images.
     *
     * @param classes names by label
     */
    public CocoEvaluation(List<String> classes) {
        this.classes = List.copyOf(classes);
    }

    /**
     * Adds an image.
     *
     * @param image its id, for instance its index in its set
     * @param truth all objects in it
     * @param found all detections in it, in any order; of equal scores, the first goes first
     * @throws IllegalArgumentException if the image was added before, an edge or a score is not
     *     finite, edges are crossed, or a label is not that of a class
     */
    public void add(long image, List<LabeledBox> truth, List<Detection> found) {
        DetectionChecks.require(image, truth, found, classes.size());
        if (images.containsKey(image)) {
            throw new IllegalArgumentException(
                    "Image %s was added twice; add each image once.".formatted(image));
        }
        List<Detection> sorted = new ArrayList<>(found);
        sorted.sort(Comparator.comparingDouble(d -> 0.0 - d.score())); // 0 and -0 are equal
        Map<Integer, List<LabeledBox>> objects =
                truth.stream().collect(Collectors.groupingBy(LabeledBox::label));
        Map<Integer, List<Detection>> detections =
                sorted.stream().collect(Collectors.groupingBy(Detection::label));
        List<ImageMatches> matches = new ArrayList<>();
        for (int label = 0; label < classes.size(); label++) {
            List<LabeledBox> wanted = objects.getOrDefault(label, List.of());
            List<Detection> all = detections.getOrDefault(label, List.of());
            if (!wanted.isEmpty() || !all.isEmpty()) {
                List<Detection> surest = all.subList(0, Math.min(MAX_DETECTIONS, all.size()));
                matches.add(ImageMatches.of(label, wanted, surest));
            }
        }
        images.put(image, matches);
        worst.add(DetectedImage.of(image, matches, sorted));
    }

    /**
     * Returns the images with the lowest F1.
     *
     * @return at most 12, the lowest first; none where everything is right
     */
    public List<DetectedImage> worst() {
        return worst.list().stream().filter(i -> i.f1() < 1).toList();
    }

    /**
     * Computes COCO's figures of the images so far.
     *
     * @return the twelve figures
     */
    public CocoFigures figures() {
        return figures(ranked());
    }

    /**
     * Computes all figures of the images so far, in seconds for COCO's 5,000 images.
     *
     * @return those of all classes and of each
     */
    public DetectionResult result() {
        List<RankedMatches> ranked = ranked();
        long objects = ranked.stream().mapToLong(r -> r.objects(RankedMatches.ALL)).sum();
        Interval interval = Bootstrap.interval(images.size(), times -> ap(ranked, times));
        return new DetectionResult(
                images.size(),
                objects,
                figures(ranked),
                mean(ranked, RankedMatches::voc2007),
                mean(ranked, RankedMatches::voc),
                interval,
                IntStream.range(0, classes.size())
                        .mapToObj(label -> ofClass(label, ranked.get(label)))
                        .toList());
    }

    /**
     * Computes the curves of precision over recall, each point the highest precision with at least
     * that recall.
     *
     * @return {@code curves[iou][class][recall]}, for boxes that must reach an IoU of 0.5, 0.55 to
     *     0.95, and recalls of 0, 0.01 to 1; -1 if the class has no objects
     */
    public double[][][] curves() {
        List<RankedMatches> ranked = ranked();
        return IntStream.range(0, ImageMatches.IOUS)
                .mapToObj(
                        iou ->
                                ranked.stream()
                                        .map(r -> r.precision(RankedMatches.ALL, iou))
                                        .toArray(double[][]::new))
                .toArray(double[][][]::new);
    }

    private List<RankedMatches> ranked() {
        List<List<ImageMatches>> byClass = new ArrayList<>();
        for (int label = 0; label < classes.size(); label++) {
            byClass.add(new ArrayList<>(Arrays.asList(new ImageMatches[images.size()])));
        }
        int place = 0;
        for (List<ImageMatches> image : images.values()) {
            for (ImageMatches matches : image) {
                byClass.get(matches.label()).set(place, matches);
            }
            place++;
        }
        return byClass.stream().map(RankedMatches::new).toList();
    }

    private static CocoFigures figures(List<RankedMatches> ranked) {
        return new CocoFigures(
                precision(ranked, RankedMatches.ALL),
                precision(ranked, RankedMatches.ALL, IOU_50),
                precision(ranked, RankedMatches.ALL, IOU_75),
                precision(ranked, SMALL),
                precision(ranked, MEDIUM),
                precision(ranked, LARGE),
                recall(ranked, RankedMatches.ALL, 1),
                recall(ranked, RankedMatches.ALL, 10),
                recall(ranked, RankedMatches.ALL, MAX_DETECTIONS),
                recall(ranked, SMALL, MAX_DETECTIONS),
                recall(ranked, MEDIUM, MAX_DETECTIONS),
                recall(ranked, LARGE, MAX_DETECTIONS));
    }

    private ClassResult ofClass(int label, RankedMatches ranked) {
        List<RankedMatches> alone = List.of(ranked);
        return new ClassResult(
                classes.get(label),
                ranked.objects(RankedMatches.ALL),
                precision(alone, RankedMatches.ALL),
                precision(alone, RankedMatches.ALL, IOU_50),
                precision(alone, RankedMatches.ALL, IOU_75),
                recall(alone, RankedMatches.ALL, MAX_DETECTIONS),
                ranked.voc2007(),
                ranked.voc());
    }

    private static double precision(List<RankedMatches> ranked, int range) {
        return precision(ranked, range, IntStream.range(0, ImageMatches.IOUS).toArray());
    }

    /** Averaged over IoUs, recalls and the classes that have objects. */
    private static double precision(List<RankedMatches> ranked, int range, int... ious) {
        DoubleSummaryStatistics all = new DoubleSummaryStatistics();
        for (int iou : ious) {
            for (RankedMatches matches : ranked) {
                Arrays.stream(matches.precision(range, iou)).filter(p -> p >= 0).forEach(all);
            }
        }
        return all.getCount() == 0 ? -1 : all.getAverage();
    }

    private static double recall(List<RankedMatches> ranked, int range, int most) {
        DoubleSummaryStatistics all = new DoubleSummaryStatistics();
        for (int iou = 0; iou < ImageMatches.IOUS; iou++) {
            for (RankedMatches matches : ranked) {
                double recall = matches.recall(range, iou, most);
                if (recall >= 0) {
                    all.accept(recall);
                }
            }
        }
        return all.getCount() == 0 ? -1 : all.getAverage();
    }

    private static double ap(List<RankedMatches> ranked, int[] times) {
        double mean = mean(ranked, r -> r.ap(times));
        return mean < 0 ? Double.NaN : mean;
    }

    /** Of the classes that have the figure; -1 if none has. */
    private static double mean(List<RankedMatches> ranked, ToDoubleFunction<RankedMatches> figure) {
        return ranked.stream().mapToDouble(figure).filter(f -> f >= 0).average().orElse(-1);
    }
}
