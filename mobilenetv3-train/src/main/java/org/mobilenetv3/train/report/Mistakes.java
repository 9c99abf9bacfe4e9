package org.mobilenetv3.train.report;

import java.io.IOException;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.mobilenetv3.train.data.ImageSet;
import org.mobilenetv3.train.run.Predictions;
import org.mobilenetv3.train.run.Predictions.Prediction;

/**
 * The worst mistakes on the test set, with their pictures.
 *
 * @param predictions of the test set
 * @param images the test set
 */
record Mistakes(Predictions predictions, ImageSet images) {

    private static final int MAX_IMAGES = 24;

    /** Larger pictures are shown smoothly; smaller ones with their pixels as they are. */
    private static final int PIXELATED_BELOW = 96;

    List<Prediction> worst() {
        return predictions.images().stream()
                .filter(p -> !p.correct())
                .sorted(Comparator.comparingDouble(Prediction::labelProbability))
                .limit(MAX_IMAGES)
                .toList();
    }

    void addTo(Html html) throws IOException {
        List<Prediction> worst = worst();
        html.raw("<section><h2>Worst mistakes</h2>\n");
        if (worst.isEmpty()) {
            html.raw("<p>Every test image was classified correctly.</p></section>\n");
            return;
        }
        html.raw(
                "<p>The misclassified test images whose true class got the lowest probability. Under each image: its true class and, after the arrow, the predicted one, each with the probability that the net gave it.</p>\n<ol class=\"mistakes\">\n");
        String kind = images.width() < PIXELATED_BELOW ? "pixelated" : "";
        for (Prediction p : worst) {
            String truth = images.classes().get(p.label());
            String taken = images.classes().get(p.predicted());
            html.raw("<li>")
                    .picture(
                            kind,
                            truth + " predicted as " + taken,
                            images.image(p.index()).toImage());
            html.add("<p><b>%s</b><span>%s</span></p>", truth, percent(p.labelProbability()));
            html.add(
                    "<p class=\"taken\"><span>%s</span><span>%s</span></p><small>test image %s</small></li>\n",
                    "→\u00a0" + taken, percent(p.probability()), p.index());
        }
        html.raw("</ol></section>\n");
    }

    private static String percent(double share) {
        return share < 0.0005 ? "<0.1 %" : String.format(Locale.ROOT, "%.1f %%", 100 * share);
    }
}
