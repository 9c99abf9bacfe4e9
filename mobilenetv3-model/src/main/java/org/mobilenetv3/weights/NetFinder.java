package org.mobilenetv3.weights;

import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.util.Pair;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.mobilenetv3.Architecture;
import org.mobilenetv3.MobileNetV3;
import org.mobilenetv3.Presets;
import org.mobilenetv3.Task;
import org.mobilenetv3.detection.Anchors;

/**
 * Finds out which net a state dict belongs to, by its names and shapes.
 *
 * @param file named in errors
 * @param shapes of the file's tensors by the file's names
 */
record NetFinder(Path file, Map<String, Shape> shapes) {

    private static final String ARTICLE_STEM = "conv1.conv.weight";

    /** torchvision's LR-ASPP has the trunk's layers without {@code features}. */
    static final String LR_ASPP_STEM = "backbone.0.0.weight";

    private static final List<String> TORCHVISION =
            List.of(
                    "mobilenet_v3_small",
                    "mobilenet_v3_large",
                    "mobilenet_v3_small_reduced_tail",
                    "mobilenet_v3_large_reduced_tail",
                    "mobilenet_v3_medium",
                    "small_minimal",
                    "large_minimal",
                    "mobilenet_v2");

    /** torchvision's SSDLite has the trunk in two parts, parted behind an expansion. */
    static final String SSD_LITE_STEM = "backbone.features.0.0.0.weight";

    /** Its logits of the first map: background and classes for each anchor of a cell. */
    private static final String SSD_LITE_HEAD = "head.classification_head.module_list.0.1.weight";

    private static final List<String> SSD_LITE =
            List.of("ssdlite320_large", "ssdlite320_large_full", "ssdlite320_small");

    private static final List<String> LR_ASPP = List.of("lraspp_large", "lraspp_small");

    private static final List<String> TIMM =
            List.of(
                    "mobilenetv3_small_100",
                    "mobilenetv3_large_100",
                    "mobilenetv3_large_150d",
                    "mobilenetv3_rw",
                    "tf_mobilenetv3_small_minimal_100",
                    "tf_mobilenetv3_large_minimal_100");

    /** Another width is told as one of x1_0. */
    private static final List<String> PADDLE_CLAS =
            Presets.names().stream()
                    .filter(name -> name.startsWith("paddle_"))
                    .sorted(Comparator.comparing(name -> !name.endsWith("_x1_0")))
                    .toList();

    private static final List<String> PADDLE_VISION =
            List.of("mobilenet_v3_small", "mobilenet_v3_large");

    private static final List<String> ARTICLE = List.of("article_small", "article_large");

    /** The last layer, by every scheme's name. */
    private static final List<String> HEADS =
            List.of(
                    "classifier.3.weight",
                    "classifier.1.weight",
                    "classifier.weight",
                    "classifier.low_classifier.weight",
                    "fc.3.weight",
                    "fc.weight");

    /**
     * A net that fits.
     *
     * @param net the architecture
     * @param names by our name, the file's
     * @param assumed the preset whose strides, activations, padding and epsilon were taken because
     *     its channels are not the file's; null if a preset fits as it is
     */
    record Found(Architecture net, Map<String, String> names, String assumed) {}

    /**
     * Finds the net that fits.
     *
     * @param family the preset that it is of, at whatever width and with whatever channels, or null
     *     if names and shapes are to tell
     * @return its architecture, in which stem stride and dropout, of which weights say nothing, are
     *     the usual ones
     * @throws IOException in one sentence, with what is missing, unexpected or misshapen in the net
     *     that comes closest
     */
    Found find(Architecture family) throws IOException {
        requireClasses();
        ChannelReader reader = new ChannelReader(shapes);
        List<Architecture> bases = family == null ? presets() : List.of(adapted(family));
        List<Architecture> likely = bases.stream().filter(reader::hasBlocksOf).toList();
        Mismatch least = null;
        Iterator<Architecture> candidates =
                candidates(reader, likely.isEmpty() ? bases : likely).iterator();
        while (candidates.hasNext()) {
            Architecture candidate = candidates.next();
            Mismatch mismatch = compare(candidate);
            if (mismatch.count() == 0) {
                return new Found(candidate, mismatch.names(), null);
            }
            if (least == null || mismatch.count() < least.count()) {
                least = mismatch;
            }
        }
        Found cut = likely.isEmpty() ? null : cut(reader, likely);
        if (cut == null) {
            throw least.toException(file);
        }
        return cut;
    }

    /** A net whose channels somebody changed; null if its shapes do not fit together. */
    private Found cut(ChannelReader reader, List<Architecture> bases) throws IOException {
        Found best = null;
        long likeness = -1;
        // Where its width makes them equal, a net adds a block's input to its output; where only
        // cuts made them equal, it does not: the likeliest width tells.
        List<Architecture> all = new ArrayList<>(bases);
        bases.forEach(base -> atWidths(base).forEach(all::add));
        for (Architecture base : all) {
            Architecture fitted = fitted(reader, base);
            boolean usual = bases.contains(base);
            if (fitted != null && reader.likeness(base, usual) > likeness) {
                Architecture own = fitted.withName(base.name() + "_custom");
                Mismatch mismatch = compare(own);
                if (mismatch.count() == 0) {
                    best = new Found(own, mismatch.names(), base.name());
                    likeness = reader.likeness(base, usual);
                }
            }
        }
        return best;
    }

    /** The file's kernels and channels in a table; null if no net has such. */
    private static Architecture fitted(ChannelReader reader, Architecture base) {
        try {
            return reader.hasBlocksOf(base) ? reader.fit(base) : null;
        } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
            return null;
        }
    }

    /**
     * Returns whose names the file has.
     *
     * @throws IOException in one sentence, if they are of no known net
     */
    NameScheme names() throws IOException {
        return NameScheme.of(shapes.keySet())
                .orElseThrow(
                        () ->
                                new IOException(
                                        "%s is no MobileNet of torchvision, timm, Paddle or the article: it holds %s, but none of %s."
                                                .formatted(
                                                        file,
                                                        Mismatch.some(shapes.keySet()),
                                                        String.join(", ", NameScheme.stems()))));
    }

    /**
     * Refuses a net that does not fit.
     *
     * @param net the architecture
     * @return the net and its names
     * @throws IOException in one sentence, with what is missing, unexpected or misshapen
     */
    Found require(Architecture net) throws IOException {
        Mismatch mismatch = compare(net);
        if (mismatch.count() > 0) {
            throw mismatch.toException(file);
        }
        return new Found(net, mismatch.names(), null);
    }

    /**
     * Compares the file with a net.
     *
     * @param architecture of the net
     * @return what does not fit
     * @throws IOException if the file's names are of no known net
     */
    private Mismatch compare(Architecture architecture) throws IOException {
        Map<String, Shape> expected = new LinkedHashMap<>();
        MobileNetV3 net = MobileNetV3.of(architecture);
        Map<String, String> theirs = names().of(architecture, net.getParameters().keys());
        for (Pair<String, Parameter> p : net.getParameters()) {
            expected.put(theirs.get(p.getKey()), p.getValue().getShape());
        }
        return Mismatch.of(architecture, theirs, expected, shapes);
    }

    private List<Architecture> presets() throws IOException {
        List<String> names =
                switch (names()) {
                    case OURS ->
                            shapes.containsKey(ARTICLE_STEM)
                                    ? ARTICLE
                                    : shapes.containsKey(LR_ASPP_STEM)
                                            ? LR_ASPP
                                            : shapes.containsKey(SSD_LITE_STEM)
                                                    ? SSD_LITE
                                                    : TORCHVISION;
                    case TIMM -> TIMM;
                    case PADDLE_CLAS -> PADDLE_CLAS;
                    case PADDLE_OCR -> List.of("paddleocr_small");
                    case PADDLE_VISION -> PADDLE_VISION;
                };
        return names.stream().map(name -> adapted(Presets.of(name))).toList();
    }

    /** The presets themselves, then at the width that has the file's channels. */
    private Stream<Architecture> candidates(ChannelReader reader, List<Architecture> bases) {
        return Stream.concat(
                bases.stream(),
                bases.stream()
                        .flatMap(
                                base ->
                                        atWidths(base)
                                                .filter(net -> net.equals(fitted(reader, net)))
                                                .findFirst()
                                                .stream()));
    }

    private Stream<Architecture> atWidths(Architecture base) {
        return Presets.names().contains(base.name())
                ? Presets.widths().mapToObj(width -> adapted(Presets.of(base.name(), width)))
                : Stream.empty();
    }

    private Architecture adapted(Architecture preset) {
        Shape stem =
                NameScheme.stems().stream()
                        .map(shapes::get)
                        .filter(s -> s != null && s.dimension() == 4)
                        .findFirst()
                        .orElse(null);
        return preset.withClasses(classes(preset))
                .withInputChannels(stem == null ? 3 : count(stem.get(1), 1, 65_536, 3));
    }

    /** A net that gives one number has no classes to tell apart. */
    private void requireClasses() throws IOException {
        names();
        for (String head : HEADS) {
            Shape shape = shapes.get(head);
            if (shape != null && shape.dimension() >= 2 && shape.get(0) == 1) {
                throw new IOException(
                        "%s is of a net with one output (%s is %s), as for yes or no or for a number, but nets here have two classes or more; for yes or no, put a row of zeros before its weight and its bias in Python, which gives the same probability."
                                .formatted(file, head, shape));
            }
        }
    }

    private int classes(Architecture preset) {
        int most = Math.min(1_000_000, preset.head().mostClasses());
        Shape detects = shapes.get(SSD_LITE_HEAD);
        if (preset.task() == Task.DETECT && detects != null) {
            long logits = detects.get(0) / Anchors.PER_CELL;
            return count(logits - 1, 1, most, preset.classes());
        }
        return HEADS.stream()
                .filter(shapes::containsKey)
                .map(shapes::get)
                .filter(s -> s.dimension() == 2 || s.dimension() == 4)
                .map(s -> count(s.get(0), 2, most, preset.classes()))
                .findFirst()
                .orElse(preset.classes());
    }

    /** A number that an architecture accepts; another is reported as a wrong shape. */
    private static int count(long value, int least, int most, int otherwise) {
        return value >= least && value <= most ? (int) value : otherwise;
    }
}
