package org.mobilenetv3.weights.onnx;

import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.mobilenetv3.Architecture;
import org.mobilenetv3.MobileNetV3;
import org.mobilenetv3.Presets;
import org.mobilenetv3.Task;
import org.mobilenetv3.graph.Graph;
import org.mobilenetv3.graph.Node;
import org.mobilenetv3.graph.Nonlinearity;
import org.mobilenetv3.graph.Op;
import org.mobilenetv3.io.JsonFile;
import org.mobilenetv3.nn.Conventions;
import org.mobilenetv3.nn.Gate;

/** Finds the net whose operations a file has, by trying those that it could be. */
final class NetSearch {

    /** Large enough that no layer sees a single pixel. */
    private static final int IMAGE = 224;

    private static final double WIDEST = 8;
    private static final int FEWEST_LAYERS = 20;
    private static final double STEP = 8;
    private static final double SMALLEST_SHARE = 0.9;

    /** Nets that compute the same differ in names and epsilon only: the likeliest is chosen. */
    private static final List<String> USUAL =
            List.of(
                    "mobilenet_v3_large",
                    "mobilenet_v3_small",
                    "mobilenetv3_large_100",
                    "mobilenetv3_small_100",
                    "paddleocr_small",
                    "article_large",
                    "article_small");

    private static final List<String> OTHERS =
            Presets.names().stream()
                    .filter(name -> !USUAL.contains(name))
                    .filter(name -> Presets.of(name).task() == Task.CLASSIFY)
                    .filter(name -> !name.matches(".*(_0[0-9]+|x0_.*|x1_25)"))
                    .toList();

    private final Graph file;
    private final long classes;
    private final long channels;
    private final int stemStride;
    private final List<Candidate> fits = new ArrayList<>();
    private NoMatchException nearest;
    private Architecture nearestNet;

    /** A net and the values of its parameters. */
    record Candidate(Architecture architecture, MobileNetV3 net, LayerValues values) {}

    private NetSearch(Graph file) throws IOException {
        this.file = file;
        List<Node> layers = layers(file);
        if (layers.size() < FEWEST_LAYERS) {
            throw new IOException(
                    String.format(
                            Locale.ROOT,
                            "it has %d convolutions and linear layers, far fewer than any MobileNetV3",
                            layers.size()));
        }
        Op first = layers.get(0).op();
        Op last = layers.get(layers.size() - 1).op();
        classes = last.weights().get(0).shape().get(0);
        if (!(first instanceof Op.Convolution stem)) {
            throw new IOException("it begins with a linear layer, expected a convolution");
        }
        channels = stem.weight().shape().get(1) * stem.groups();
        stemStride = stem.stride().rows() == 1 ? 1 : 2;
        if (classes == 1) {
            throw new IOException(
                    "it has one output, as for yes or no or for a number, but nets here have two classes or more; for yes or no, put a row of zeros before the last layer's weight and bias and export it again, which gives the same probability");
        }
        if (classes < 2 || classes > Integer.MAX_VALUE || channels > Integer.MAX_VALUE) {
            throw new IOException(
                    String.format(Locale.ROOT, "it has %d classes, expected at least 2", classes));
        }
    }

    static Candidate search(Graph file, Map<String, String> metadata) throws IOException {
        return new NetSearch(file).run(metadata);
    }

    private static List<Node> layers(Graph graph) {
        return graph.nodes().stream().filter(n -> n.op() instanceof Op.Layer).toList();
    }

    private Candidate run(Map<String, String> metadata) throws IOException {
        Architecture own = ownExport(metadata);
        if (own != null && attempt(own.withConventions(absorbed(own.conventions())))) {
            return fits.get(0);
        }
        USUAL.forEach(this::widths);
        if (fits.isEmpty()) {
            OTHERS.forEach(this::widths);
        }
        if (fits.isEmpty()) {
            throw new IOException(
                    "it is no MobileNetV3 that is known here; the nearest is %s, but %s"
                            .formatted(nearestNet, nearest.getMessage()));
        }
        return best();
    }

    /** Of nets that compute the same, the one that the file was probably made of. */
    private Candidate best() {
        Candidate best = fits.get(0);
        for (Candidate fit : fits) {
            if (unlikeness(fit) < unlikeness(best)) {
                best = fit;
            }
        }
        return best;
    }

    private static int unlikeness(Candidate fit) {
        // timm has a convolution for the hidden layer, and it counts where batch norm is folded.
        boolean head =
                fit.values().hasConvolutionHead()
                        == fit.architecture().name().contains("mobilenetv3_");
        return 2 * fit.values().epsilons() + (head ? 0 : 1);
    }

    /** This project's exports say what they are. */
    private static Architecture ownExport(Map<String, String> metadata) {
        try {
            return JsonFile.GSON.fromJson(metadata.get("architecture"), Architecture.class);
        } catch (RuntimeException e) { // another's entry of that name
            return null;
        }
    }

    /** The slope of a file's gates was taken into its weights. */
    private static Conventions absorbed(Conventions conventions) {
        return conventions.gate().function() == Nonlinearity.PADDLE_HARD_SIGMOID
                ? conventions.withGate(Gate.PAPER)
                : conventions;
    }

    /** Tries the widths that make the last convolution's input, coarse steps first. */
    private void widths(String preset) {
        Architecture base = adapted(Presets.of(preset));
        Graph graph = trace(MobileNetV3.of(base));
        double found = beforeLast(file);
        double at1 = beforeLast(trace(MobileNetV3.of(adapted(Presets.of(preset, 1)))));
        // The widths that _make_divisible rounds to what was found: half a step up or down, or a
        // whole one where that would lose more than a tenth.
        double raised = (found - STEP) / SMALLEST_SHARE;
        double least = found <= STEP ? 0 : Math.min(found - STEP / 2, raised) / at1;
        double most = Math.min(WIDEST, found / SMALLEST_SHARE / at1);
        if (attempt(base) || depthwise(graph) != depthwise(file)) {
            return;
        }
        Set<Double> tried = new TreeSet<>();
        Set<Architecture> tables = new HashSet<>();
        for (int steps : new int[] {4, 20, 100, 1000}) {
            for (long i = Math.max(1, Math.round(least * steps)); i <= most * steps + 1; i++) {
                double width = (double) i / steps;
                if (width <= WIDEST && tried.add(width)) {
                    Architecture net = adapted(Presets.of(preset, width));
                    if (tables.add(net.withName(preset)) && attempt(net)) {
                        return;
                    }
                }
            }
        }
    }

    /** Input channels of the last convolution of images, by which widths can be told. */
    private static double beforeLast(Graph graph) {
        double channels = -1;
        for (Node node : layers(graph)) {
            if (node.op() instanceof Op.Convolution c && !node.input().isVector()) {
                channels = c.weight().shape().get(1) * c.groups();
            }
        }
        return channels;
    }

    /** The depthwise convolutions, one in each block at any width. */
    private static long depthwise(Graph graph) {
        return graph.nodes().stream()
                .filter(n -> n.op() instanceof Op.Convolution c && c.isDepthwise())
                .count();
    }

    private Architecture adapted(Architecture preset) {
        return preset.withClasses((int) classes)
                .withInputChannels((int) channels)
                .withStemStride(stemStride)
                .withConventions(absorbed(preset.conventions()));
    }

    private static Graph trace(MobileNetV3 net) {
        return Graph.trace(net, new Shape(1, net.architecture().inputChannels(), IMAGE, IMAGE));
    }

    private boolean attempt(Architecture architecture) {
        MobileNetV3 net = MobileNetV3.of(architecture);
        try {
            fits.add(new Candidate(architecture, net, NetMatch.match(trace(net), file)));
            return true;
        } catch (NoMatchException e) {
            if (nearest == null || e.matched() > nearest.matched()) {
                nearest = e;
                nearestNet = architecture;
            }
            return false;
        }
    }
}
