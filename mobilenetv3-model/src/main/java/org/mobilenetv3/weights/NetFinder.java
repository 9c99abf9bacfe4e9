package org.mobilenetv3.weights;

import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.util.Pair;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.mobilenetv3.Dialect;
import org.mobilenetv3.MobileNetV3;
import org.mobilenetv3.MobileNetV3.Size;
import org.mobilenetv3.MobileNetV3.Variant;
import org.mobilenetv3.MobileNetV3Config;
import org.mobilenetv3.PaperWidths;

/**
 * Finds out which net a state dict belongs to, by its names and shapes.
 *
 * @param file named in errors
 * @param shapes of the file's tensors by the file's names
 */
record NetFinder(Path file, Map<String, Shape> shapes) {

    private static final String STEM = "features.0.0.weight";
    private static final String TIMM_STEM = "conv_stem.weight";
    private static final String ARTICLE_STEM = "conv1.conv.weight";

    /** The last block that only Large has, by every scheme's name. */
    private static final List<String> LARGE_ONLY =
            List.of("features.15.", "blocks.6.", "bottlenecks.13.", "fc.0.");

    /** The last layer, by every scheme's name. */
    private static final List<String> HEADS =
            List.of("classifier.3.weight", "classifier.weight", "fc.3.weight", "fc.weight");

    /**
     * A net that fits.
     *
     * @param config the net
     * @param names by our name, the file's
     */
    record Found(MobileNetV3Config config, Map<String, String> names) {}

    /**
     * Finds the net that fits.
     *
     * @return its configuration, in which stem stride and dropout, of which weights say nothing,
     *     are the usual ones
     * @throws IOException in one sentence, with what is missing, unexpected or misshapen in the net
     *     that comes closest
     */
    Found find() throws IOException {
        requireClasses();
        Mismatch least = null;
        for (MobileNetV3Config candidate : candidates().toList()) {
            Mismatch mismatch = compare(candidate);
            if (mismatch.count() == 0) {
                return new Found(candidate, mismatch.names());
            }
            if (least == null || mismatch.count() < least.count()) {
                least = mismatch;
            }
        }
        throw least.toException(file);
    }

    /**
     * Gives the file's names.
     *
     * @throws IOException in one sentence, if they are of no known net
     */
    NameScheme names() throws IOException {
        return NameScheme.of(shapes.keySet())
                .orElseThrow(
                        () ->
                                new IOException(
                                        "%s is no MobileNetV3 of torchvision, timm or the article: it holds %s, but none of %s, %s and %s."
                                                .formatted(
                                                        file,
                                                        Mismatch.some(shapes.keySet()),
                                                        STEM,
                                                        TIMM_STEM,
                                                        ARTICLE_STEM)));
    }

    /**
     * Refuses a net that does not fit.
     *
     * @param config the net
     * @return the net and its names
     * @throws IOException in one sentence, with what is missing, unexpected or misshapen
     */
    Found require(MobileNetV3Config config) throws IOException {
        Mismatch mismatch = compare(config);
        if (mismatch.count() > 0) {
            throw mismatch.toException(file);
        }
        return new Found(config, mismatch.names());
    }

    /**
     * Compares the file with a net.
     *
     * @param config the net
     * @return what does not fit
     * @throws IOException if the file's names are of no known net
     */
    private Mismatch compare(MobileNetV3Config config) throws IOException {
        Map<String, Shape> expected = new LinkedHashMap<>();
        MobileNetV3 net = MobileNetV3.of(config);
        Map<String, String> theirs = names().of(config, net.getParameters().keys());
        for (Pair<String, Parameter> p : net.getParameters()) {
            expected.put(theirs.get(p.getKey()), p.getValue().getShape());
        }
        return Mismatch.of(config, theirs, expected, shapes);
    }

    private Stream<MobileNetV3Config> candidates() throws IOException {
        boolean timm = names() == NameScheme.TIMM;
        boolean article = shapes.containsKey(ARTICLE_STEM);
        Shape stem = shapes.get(article ? ARTICLE_STEM : timm ? TIMM_STEM : STEM);
        boolean large =
                shapes.keySet().stream().anyMatch(n -> LARGE_ONLY.stream().anyMatch(n::startsWith));
        MobileNetV3Config likeliest =
                new MobileNetV3Config(
                        large ? Size.LARGE : Size.SMALL,
                        article ? Variant.ARTICLE : Variant.PAPER,
                        classes(),
                        1,
                        article ? 0 : 0.2f,
                        stem.dimension() == 4 ? count(stem.get(1), 1, 3) : 3,
                        2,
                        timm ? Dialect.TIMM : Dialect.TORCHVISION);
        Stream<MobileNetV3Config> others = widths().mapToObj(likeliest::withWidth);
        if (!article) {
            Set<Long> channels = outputs();
            others = others.filter(c -> channels.containsAll(outputs(PaperWidths.of(c))));
        }
        return Stream.concat(Stream.of(likeliest), others);
    }

    /** Multipliers in the order of their likelihood: 0.05 to 3 by 0.05, then by 0.01. */
    private static DoubleStream widths() {
        return DoubleStream.concat(
                IntStream.rangeClosed(1, 60).mapToDouble(i -> i / 20.0),
                IntStream.rangeClosed(5, 300).filter(i -> i % 5 != 0).mapToDouble(i -> i / 100.0));
    }

    /** The channels that the file's convolutions give; cheap to compare with a width's. */
    private Set<Long> outputs() {
        return shapes.values().stream()
                .filter(s -> s.dimension() == 4)
                .map(s -> s.get(0))
                .collect(Collectors.toSet());
    }

    private static List<Long> outputs(PaperWidths widths) {
        return Stream.concat(
                        Stream.of((long) widths.stem(), (long) widths.last()),
                        widths.blocks().stream().flatMap(b -> Stream.of(b.expanded(), b.out())))
                .toList();
    }

    /** A net that gives one number has no classes to tell apart. */
    private void requireClasses() throws IOException {
        names();
        for (String head : HEADS) {
            Shape shape = shapes.get(head);
            if (shape != null && shape.dimension() == 2 && shape.get(0) == 1) {
                throw new IOException(
                        "%s is of a net with one output (%s is %s), as for yes or no or for a number, but nets here have two classes or more; for yes or no, put a row of zeros before its weight and its bias in Python, which gives the same probability."
                                .formatted(file, head, shape));
            }
        }
    }

    private int classes() {
        return HEADS.stream()
                .filter(shapes::containsKey)
                .map(shapes::get)
                .filter(s -> s.dimension() == 2)
                .map(s -> count(s.get(0), 2, 1000))
                .findFirst()
                .orElse(1000);
    }

    /** A number that a configuration accepts; another is reported as a wrong shape. */
    private static int count(long value, int least, int fallback) {
        return value >= least && value <= 1_000_000 ? (int) value : fallback;
    }
}
