package org.mobilenetv3.train.pruning;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** What a channel's importance is judged by. */
public enum Criterion {
    /** The control: numbers drawn at random. */
    RANDOM("drawn at random"),

    /**
     * Sum of the magnitudes of the weights that make or read the channel (Li et al. 2017), each
     * layer's divided by their mean over its channels, so that all layers count alike.
     */
    L1("magnitude of the channel's weights, each layer's divided by their mean"),

    /** As {@link #L1}, with the root of the sum of squares. */
    L2("Euclidean norm of the channel's weights, each layer's divided by their mean"),

    /** Magnitude of the scale of the group's last batch norm (Liu et al. 2017, "Slimming"). */
    BN_SCALE("magnitude of batch norm's scale"),

    /**
     * First-order Taylor expansion of the loss (Molchanov et al. 2019): the square of what setting
     * the output of the group's last batch norm to zero would change in a batch's loss, averaged
     * over batches. The only one that needs images, and whose scores of different groups can be
     * compared.
     */
    TAYLOR("square of the first-order change of the loss without the channel, mean over batches");

    private final String description;

    Criterion(String description) {
        this.description = description;
    }

    /**
     * Describes what is computed.
     *
     * @return a phrase
     */
    public String description() {
        return description;
    }

    /** The name on the command line, for instance {@code bn-scale}. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /**
     * Finds a criterion by its name.
     *
     * @param name as {@link #toString} writes it
     * @return the criterion
     * @throws IllegalArgumentException if there is none
     */
    public static Criterion of(String name) {
        return Arrays.stream(values())
                .filter(c -> c.toString().equalsIgnoreCase(name))
                .findFirst()
                .orElseThrow(
                        () ->
                                new IllegalArgumentException(
                                        "There is no criterion '%s'; there are %s."
                                                .formatted(
                                                        name,
                                                        Arrays.stream(values())
                                                                .map(Criterion::toString)
                                                                .collect(
                                                                        Collectors.joining(
                                                                                ", ")))));
    }
}
