package org.mobilenetv3.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.mobilenetv3.Architecture;
import org.mobilenetv3.Presets;
import org.mobilenetv3.nn.ParameterNames;
import picocli.CommandLine.Option;

/** Which net. */
public final class NetOptions {

    /** Below this input size a net with stem stride 2 ends in a feature map of a pixel or two. */
    public static final int SMALL_IMAGE = 64;

    /** DJL's own MobileNetV2. */
    public static final String DJLS = "djl:mobilenet_v2";

    @Option(
            names = "--arch",
            paramLabel = "NAME|FILE",
            description =
                    "The net: a name that 'architectures' lists, or a JSON file"
                            + " (default: mobilenet_v3_small, or the recipe's).")
    private String arch;

    @Option(
            names = "--width",
            paramLabel = "FACTOR",
            description = "Width multiplier of a named net (default: its own).")
    private Double width;

    @Option(
            names = "--dropout",
            paramLabel = "SHARE",
            description = "Dropout before the last layer (default: the net's, 0.2 for most).")
    private Float dropout;

    @Option(
            names = "--stem-stride",
            paramLabel = "STRIDE",
            description =
                    "Stride of the first convolution, 1 or 2 (default: 1 in a named net for images"
                            + " below 64 pixels, but not in the article's; otherwise the net's).")
    private Integer stemStride;

    /** The word of version 0.1 for small or large. */
    @Option(names = "--model", hidden = true)
    private String size;

    /** The word of version 0.1 for paper or article. */
    @Option(names = "--variant", hidden = true)
    private String variant;

    /** Creates the options; picocli fills them in. */
    public NetOptions() {}

    /**
     * Returns the net that was asked for.
     *
     * @return its name or file, or null if none was
     */
    public String arch() {
        return named(null);
    }

    /**
     * Returns whether a net was asked for, rather than what weights or recipe say.
     *
     * @return whether there is --arch or --width
     */
    public boolean isGiven() {
        return arch() != null || width != null;
    }

    /**
     * Returns the table of the net that was asked for.
     *
     * @return the architecture, or that of {@link Presets#DEFAULT}
     * @throws IOException if a file cannot be read
     */
    public Architecture table() throws IOException {
        return ArchOption.read(named(Presets.DEFAULT), width);
    }

    /**
     * Returns whether DJL's own MobileNetV2 was asked for, which has no architecture here.
     *
     * @return whether --arch is djl:mobilenet_v2
     */
    public boolean isDjls() {
        return DJLS.equalsIgnoreCase(arch);
    }

    private String named(String otherwise) {
        if (arch != null || (size == null && variant == null)) {
            return arch == null ? otherwise : arch;
        }
        boolean article =
                variant == null
                        ? otherwise != null && otherwise.startsWith("article")
                        : one("--variant", variant, "paper", "article").equals("article");
        String chosen = size == null ? "small" : one("--model", size, "small", "large");
        return (article ? "article_" : "mobilenet_v3_") + chosen;
    }

    private static String one(String option, String given, String first, String second) {
        String word = given.toLowerCase(Locale.ROOT);
        if (!word.equals(first) && !word.equals(second)) {
            throw new IllegalArgumentException(
                    "%s is %s but must be %s or %s; better say --arch."
                            .formatted(option, given, first, second));
        }
        return word;
    }

    /**
     * Makes the architecture.
     *
     * @param otherwise the net if none was given
     * @param classes the net's, or null for its own: a named net has 1000, or 21 if it segments
     * @param channels input channels
     * @param inputSize side of the images in pixels
     * @return the net
     * @throws IOException if a file cannot be read
     */
    public Architecture architecture(String otherwise, Integer classes, int channels, int inputSize)
            throws IOException {
        if (isDjls()) {
            throw new IllegalArgumentException(
                    "%s is DJL's own block, which only summary and bench take; train mobilenet_v2, or DJL's with DJL's Trainer on an ImageSetDataset."
                            .formatted(DJLS));
        }
        String name = named(otherwise);
        Architecture table = ArchOption.read(name, width).withInputChannels(channels);
        Architecture net = classes == null ? table : table.withClasses(classes);
        boolean file = Files.isRegularFile(Path.of(name));
        boolean small =
                !file
                        && inputSize < SMALL_IMAGE
                        && net.conventions().names() != ParameterNames.ARTICLE;
        return changed(small ? net.withStemStride(1) : net);
    }

    /**
     * Changes what the options say of any net.
     *
     * @param net an architecture
     * @return the same but for stem stride and dropout, if they were given
     */
    public Architecture changed(Architecture net) {
        Architecture strided = stemStride == null ? net : net.withStemStride(stemStride);
        return dropout == null ? strided : strided.withDropout(dropout);
    }
}
