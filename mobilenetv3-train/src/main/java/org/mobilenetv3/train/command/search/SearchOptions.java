package org.mobilenetv3.train.command.search;

import java.util.List;
import java.util.Locale;
import org.mobilenetv3.Architecture;
import org.mobilenetv3.train.run.RecordedWeights;
import org.mobilenetv3.train.run.RunSettings;
import org.mobilenetv3.train.search.Limit;
import org.mobilenetv3.train.search.SearchSettings;
import org.mobilenetv3.train.supernet.SearchSpace;
import org.mobilenetv3.train.supernet.SearchSpace.Variety;
import picocli.CommandLine.Option;

/** Options that say which nets are searched and how long. */
final class SearchOptions {

    @Option(
            names = "--kernels",
            paramLabel = "K",
            split = ",",
            description = "Kernels of the depthwise convolutions (default: 3,5,7).")
    private List<Integer> kernels;

    @Option(
            names = "--widths",
            paramLabel = "FACTOR",
            split = ",",
            description =
                    "Widths within blocks, of the last convolution and of the hidden layer, as shares"
                            + " of those of --arch (default: 0.5,0.75,1,1.5).")
    private List<Double> widths;

    @Option(
            names = "--fixed-gates",
            description = "Keep squeeze and excitation where --arch has it.")
    private boolean fixedGates;

    @Option(names = "--fixed-depth", description = "Keep all blocks.")
    private boolean fixedDepth;

    @Option(
            names = "--supernet-epochs",
            paramLabel = "N",
            description = "Epochs in which all nets learn together (default: twice the recipe's).")
    private Integer supernetEpochs;

    @Option(
            names = "--tune-epochs",
            paramLabel = "N",
            description = "Epochs in which the winner learns on alone (default: the recipe's).")
    private Integer tuneEpochs;

    @Option(
            names = "--candidates",
            paramLabel = "N",
            description = "Nets that are scored (default: ${DEFAULT-VALUE}).",
            defaultValue = "200")
    private int candidates;

    @Option(
            names = "--random",
            paramLabel = "N",
            description =
                    "So many more nets, drawn at random, are scored to compare with (default:"
                            + " ${DEFAULT-VALUE}).",
            defaultValue = "0")
    private int random;

    @Option(
            names = "--scored-images",
            paramLabel = "N",
            description = "Validation images that a net is scored on (default: ${DEFAULT-VALUE}).",
            defaultValue = "5000")
    private int scoredImages;

    @Option(
            names = "--calibration-images",
            paramLabel = "N",
            description =
                    "Training images on which a net's running statistics are measured (default:"
                            + " ${DEFAULT-VALUE}).",
            defaultValue = "2048")
    private int calibrationImages;

    @Option(
            names = "--subnets",
            paramLabel = "N",
            description =
                    "Nets along the front that the elastic package holds (default:"
                            + " ${DEFAULT-VALUE}).",
            defaultValue = "4")
    private int subnets;

    /**
     * Finds the nets to choose from.
     *
     * @param base the net to search around
     * @throws IllegalArgumentException if a number does not fit
     */
    SearchSpace space(Architecture base) {
        requireAtLeast("--supernet-epochs", supernetEpochs == null ? 1 : supernetEpochs, 1);
        requireAtLeast("--tune-epochs", tuneEpochs == null ? 1 : tuneEpochs, 1);
        requireAtLeast("--candidates", candidates, 2);
        requireAtLeast("--random", random, 0);
        requireAtLeast("--scored-images", scoredImages, 1);
        requireAtLeast("--calibration-images", calibrationImages, 2);
        requireAtLeast("--subnets", subnets, 0);
        return SearchSpace.around(
                base,
                new Variety(
                        kernels == null ? Variety.USUAL.kernels() : kernels,
                        widths == null ? Variety.USUAL.widths() : widths,
                        !fixedGates,
                        !fixedDepth));
    }

    static void requireAtLeast(String option, int value, int least) {
        if (value < least) {
            throw new IllegalArgumentException(
                    String.format(
                            Locale.ROOT,
                            "%s is %d but must be at least %d.",
                            option,
                            value,
                            least));
        }
    }

    /** All that decides the outcome. */
    SearchSettings settings(
            RunSettings run, SearchSpace space, RecordedWeights weights, Limit limit) {
        int epochs = run.recipe().epochs();
        return new SearchSettings(
                run,
                space,
                weights,
                limit,
                supernetEpochs == null ? 2 * epochs : supernetEpochs,
                tuneEpochs == null ? epochs : tuneEpochs,
                candidates,
                random,
                calibrationImages,
                scoredImages,
                subnets);
    }
}
