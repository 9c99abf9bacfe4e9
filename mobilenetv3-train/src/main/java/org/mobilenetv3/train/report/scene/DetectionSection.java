package org.mobilenetv3.train.report.scene;

import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.mobilenetv3.detection.Detection;
import org.mobilenetv3.drawing.Mark;
import org.mobilenetv3.train.data.scene.LabeledBox;
import org.mobilenetv3.train.data.scene.Scene;
import org.mobilenetv3.train.data.scene.SceneSet;
import org.mobilenetv3.train.metric.CocoEvaluation;
import org.mobilenetv3.train.metric.CocoFigures;
import org.mobilenetv3.train.metric.DetectedImage;
import org.mobilenetv3.train.metric.DetectionResult.ClassResult;
import org.mobilenetv3.train.report.Chart;
import org.mobilenetv3.train.report.ClassTable;
import org.mobilenetv3.train.report.Drawing;
import org.mobilenetv3.train.report.Figure;
import org.mobilenetv3.train.report.Html;
import org.mobilenetv3.train.report.TestSection;
import org.mobilenetv3.train.run.DetectionRunResult;

/**
 * The test of a net that detects: COCO's figures, curves of precision over recall, classes and
 * worst images.
 *
 * @param result its figures
 * @param curves {@code curves[iou][class][recall]}, as {@link CocoEvaluation#curves} gives them
 * @param worst the images with the lowest F1, their ids indices in {@code images}, their boxes in
 *     pixels of the images
 * @param images the test set
 */
public record DetectionSection(
        DetectionRunResult result, double[][][] curves, List<DetectedImage> worst, SceneSet images)
        implements TestSection {

    /**
     * Takes the figures of an evaluation.
     *
     * @param bestEpoch the epoch whose package was tested, counted from 1
     * @param evaluation of all images, their ids indices in the test set
     * @param images the test set
     * @param testSeconds wall time of the test
     * @param wallSeconds wall time of the whole run
     * @return the report
     */
    public static DetectionSection of(
            int bestEpoch,
            CocoEvaluation evaluation,
            SceneSet images,
            double testSeconds,
            double wallSeconds) {
        return new DetectionSection(
                new DetectionRunResult(bestEpoch, evaluation.result(), testSeconds, wallSeconds),
                evaluation.curves(),
                evaluation.worst(),
                images);
    }

    @Override
    public void addTiles(Html html) {
        CocoFigures figures = result.detection().figures();
        html.tile(
                "first",
                "Test mAP",
                Words.withUnit(figures.ap()),
                Words.sure(result.detection().interval(), result.detection().images()));
        html.tile("", "Test AP50", Words.withUnit(figures.ap50()), "boxes at an IoU of 0.5");
        html.tile(
                "",
                "Test AR100",
                Words.withUnit(figures.ar100()),
                Words.count(result.detection().objects()) + " objects");
    }

    @Override
    public List<Figure> figures() {
        return drawn().orElse(List.of());
    }

    private Optional<List<Figure>> drawn() {
        return Drawing.of(
                () ->
                        new PrecisionRecall(curves, result.detection().classes())
                                .charts().stream().map(Chart::draw).toList());
    }

    @Override
    public void addTo(Html html) throws IOException {
        cocoFigures(html);
        html.figures("Precision over recall", drawn());
        classes(html);
        worstImages(html);
    }

    private void cocoFigures(Html html) {
        CocoFigures f = result.detection().figures();
        html.raw("<section><h2>Average precision and recall</h2>\n");
        html.raw(
                "<p>In percent, as pycocotools computes it. AP: average precision, the mean of the precision at recalls of 0 to 1 and of all classes; AR: average recall, the share of objects that are found with so many detections per image and class. Both are means over IoUs of 0.5, 0.55 to 0.95 where none is given. Small objects have up to 32² square pixels, medium ones up to 96². Pascal VOC's AP is at an IoU of 0.5: that of 2007 the mean at 11 recalls, that since 2010 the area under the curve.</p>\n");
        html.table(
                1,
                List.of("", "all", "small", "medium", "large"),
                List.of(
                        row("AP", f.ap(), f.apSmall(), f.apMedium(), f.apLarge()),
                        row("AP at IoU 0.5", f.ap50()),
                        row("AP at IoU 0.75", f.ap75()),
                        row("AR, 1 detection", f.ar1()),
                        row("AR, 10 detections", f.ar10()),
                        row(
                                "AR, 100 detections",
                                f.ar100(),
                                f.arSmall(),
                                f.arMedium(),
                                f.arLarge()),
                        row("VOC's AP, 2007", result.detection().voc2007()),
                        row("VOC's AP", result.detection().voc())));
        html.raw("</section>\n");
    }

    private static List<String> row(String name, double... figures) {
        return IntStream.range(0, 5)
                .mapToObj(
                        i ->
                                i == 0
                                        ? name
                                        : i <= figures.length ? Words.percent(figures[i - 1]) : "")
                .toList();
    }

    private void classes(Html html) {
        html.raw("<section><h2>Classes</h2>\n<p>In percent; AR with 100 detections.</p>\n");
        new ClassTable<>(
                        result.detection().classes(),
                        "Lowest AP",
                        c -> c.ap() < 0 ? Double.NaN : c.ap(),
                        List.of("class", "AP", "AP50", "AP75", "AR", "objects"),
                        DetectionSection::row)
                .addTo(html);
        html.raw("</section>\n");
    }

    private static List<String> row(ClassResult c) {
        return List.of(
                c.name(),
                Words.percent(c.ap()),
                Words.percent(c.ap50()),
                Words.percent(c.ap75()),
                Words.percent(c.ar100()),
                Words.count(c.objects()));
    }

    private void worstImages(Html html) throws IOException {
        html.raw("<section><h2>Worst images</h2>\n");
        if (worst.isEmpty()) {
            html.raw(
                    "<p>In every test image all objects were found, and nothing else.</p></section>\n");
            return;
        }
        html.raw(
                "<p>The test images with the lowest F1, the harmonic mean of precision and recall. Only detections with a score of at least 0.5 count here, and one is right if its box reaches an IoU of 0.5 with an object of its class. To the left what is in the image, with broken lines if it is ignored; to the right what was found.</p>\n<ol class=\"worst\">\n");
        for (DetectedImage image : worst) {
            Scene scene = images.scene(Math.toIntExact(image.image()));
            ScenePictures pictures = ScenePictures.of(scene.image());
            html.raw("<li><div>")
                    .picture("", "truth", pictures.marked(marks(scene.boxes(), this::mark)))
                    .picture("", "found", pictures.marked(marks(image.found(), this::mark)))
                    .add(
                            "</div><p><b>F1 %s</b><span>%s</span></p><small>test image %s</small></li>\n",
                            String.format(Locale.ROOT, "%.2f", image.f1()),
                            counts(image),
                            image.image());
        }
        html.raw("</ol></section>\n");
    }

    private static <T> List<Mark> marks(List<T> what, Function<T, Mark> mark) {
        return what.stream().map(mark).toList();
    }

    private static String counts(DetectedImage image) {
        return String.format(
                Locale.ROOT,
                "%d of %d found, %d wrong",
                image.right(),
                image.objects(),
                image.wrong());
    }

    private Mark mark(LabeledBox object) {
        return new Mark(object.box(), object.label(), name(object.label()), object.ignored());
    }

    private Mark mark(Detection found) {
        return Mark.found(found.box(), found.label(), name(found.label()), found.score());
    }

    private String name(int label) {
        return images.classes().get(label);
    }
}
