package org.mobilenetv3.train.report.scene;

import java.io.IOException;
import java.util.List;
import org.mobilenetv3.train.data.scene.Scene;
import org.mobilenetv3.train.data.scene.SceneSet;
import org.mobilenetv3.train.metric.SegmentationResult.ClassResult;
import org.mobilenetv3.train.metric.SegmentationScore;
import org.mobilenetv3.train.metric.SegmentedImage;
import org.mobilenetv3.train.report.ClassTable;
import org.mobilenetv3.train.report.ConfusionDrawing;
import org.mobilenetv3.train.report.ConfusionMatrix;
import org.mobilenetv3.train.report.ConfusionMatrix.Unit;
import org.mobilenetv3.train.report.ConfusionView;
import org.mobilenetv3.train.report.Drawing;
import org.mobilenetv3.train.report.Figure;
import org.mobilenetv3.train.report.Html;
import org.mobilenetv3.train.report.TestSection;
import org.mobilenetv3.train.run.SegmentationRunResult;

/**
 * The test of a net that segments: mean IoU, confusion matrix, classes and worst images.
 *
 * @param result its figures
 * @param confusion of the test set's pixels
 * @param worst the images with the lowest mean IoU, their ids indices in {@code images}
 * @param images the test set
 */
public record SegmentationSection(
        SegmentationRunResult result,
        ConfusionMatrix confusion,
        List<SegmentedImage> worst,
        SceneSet images)
        implements TestSection {

    /**
     * Takes the figures of a score.
     *
     * @param bestEpoch the epoch whose package was tested, counted from 1
     * @param score of all images, their ids indices in the test set
     * @param images the test set
     * @param testSeconds wall time of the test
     * @param wallSeconds wall time of the whole run
     * @return the report
     */
    public static SegmentationSection of(
            int bestEpoch,
            SegmentationScore score,
            SceneSet images,
            double testSeconds,
            double wallSeconds) {
        return new SegmentationSection(
                new SegmentationRunResult(bestEpoch, score.result(), testSeconds, wallSeconds),
                new ConfusionMatrix(images.classes(), score.counts(), Unit.PIXELS),
                score.worst(),
                images);
    }

    @Override
    public void addTiles(Html html) {
        html.tile(
                "first",
                "Test mean IoU",
                Words.withUnit(result.segmentation().meanIou()),
                Words.sure(result.segmentation().interval(), result.segmentation().images()));
        html.tile(
                "",
                "Test pixel accuracy",
                Words.withUnit(result.segmentation().pixelAccuracy()),
                Words.count(result.segmentation().pixels()) + " pixels");
        html.tile(
                "",
                "Test mean accuracy",
                Words.withUnit(result.segmentation().meanAccuracy()),
                "mean of the classes");
    }

    @Override
    public List<Figure> figures() {
        return Drawing.of(() -> new ConfusionDrawing(confusion).draw()).stream().toList();
    }

    @Override
    public void addTo(Html html) throws IOException {
        new ConfusionView(confusion).addTo(html);
        classes(html);
        worstImages(html);
    }

    private void classes(Html html) {
        html.raw("<section><h2>Classes</h2>\n");
        html.raw(
                "<p>In percent. IoU: intersection over union, the pixels that are of the class and were predicted as it, divided by those that are or were. Accuracy: the share of the class's pixels that were predicted as it. Classes that occur neither in the truth nor in a prediction have no IoU and do not count in the mean.</p>\n");
        new ClassTable<>(
                        result.segmentation().classes(),
                        "Lowest IoU",
                        c -> c.iou() == null ? Double.NaN : c.iou(),
                        List.of("class", "IoU", "accuracy", "share of pixels"),
                        this::row)
                .addTo(html);
        html.raw("</section>\n");
    }

    private List<String> row(ClassResult c) {
        return List.of(
                c.name(),
                Words.percent(c.iou()),
                Words.percent(c.accuracy()),
                Words.percent((double) c.pixels() / result.segmentation().pixels()));
    }

    private void worstImages(Html html) throws IOException {
        html.raw("<section><h2>Worst images</h2>\n");
        if (worst.isEmpty()) {
            html.raw("<p>Every pixel of the test images was right.</p></section>\n");
            return;
        }
        html.raw(
                "<p>The test images with the lowest mean IoU of the classes that occur in them: the image, its true mask, and the mask that was found.</p>\n<ol class=\"worst three\">\n");
        for (SegmentedImage image : worst) {
            Scene scene = images.scene(Math.toIntExact(image.image()));
            ScenePictures pictures = ScenePictures.of(scene.image());
            html.raw("<li><div>")
                    .picture("", "image", pictures.plain())
                    .picture("", "truth", pictures.tinted(scene.mask(), images.classes()))
                    .picture("", "found", pictures.tinted(image.found(), images.classes()))
                    .add(
                            "</div><p><b>mean IoU %s</b></p><small>test image %s</small></li>\n",
                            Words.withUnit(image.meanIou()), image.image());
        }
        html.raw("</ol></section>\n");
    }
}
