package org.mobilenetv3.weights.onnx;

import ai.djl.ndarray.types.Shape;
import ai.djl.util.JsonUtils;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.mobilenetv3.Dialect;
import org.mobilenetv3.MobileNetV3;
import org.mobilenetv3.MobileNetV3.Size;
import org.mobilenetv3.MobileNetV3.Variant;
import org.mobilenetv3.MobileNetV3Config;
import org.mobilenetv3.graph.Graph;
import org.mobilenetv3.graph.Node;
import org.mobilenetv3.graph.Op;

/** Finds the net whose operations a file has, by trying those that it could be. */
final class NetSearch {

    /** Large enough that no layer sees a single pixel. */
    private static final int IMAGE = 224;

    private static final double WIDEST = 8;
    private static final int FEWEST_LAYERS = 20;
    private static final double DROPOUT = 0.2;
    private static final double STEP = 8;
    private static final double SMALLEST_SHARE = 0.9;

    private final Graph file;
    private final long classes;
    private final long channels;
    private final int stemStride;
    private final List<Fit> fits = new ArrayList<>();
    private Mismatch nearest;
    private MobileNetV3Config nearestConfig;

    /** A net and the values of its parameters. */
    record Fit(MobileNetV3Config config, MobileNetV3 net, LayerValues values) {}

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

    static Fit search(Graph file, Map<String, String> metadata) throws IOException {
        return new NetSearch(file).run(metadata);
    }

    private static List<Node> layers(Graph graph) {
        return graph.nodes().stream()
                .filter(n -> n.op() instanceof Op.Convolution || n.op() instanceof Op.Linear)
                .toList();
    }

    private Fit run(Map<String, String> metadata) throws IOException {
        MobileNetV3Config own = ownExport(metadata);
        if (own != null && attempt(own)) {
            return fits.get(0);
        }
        for (Variant variant : Variant.values()) {
            for (Dialect dialect : Dialect.values()) {
                if (variant == Variant.PAPER || dialect == Dialect.TORCHVISION) {
                    for (Size size : Size.values()) {
                        widths(size, variant, dialect);
                    }
                }
            }
        }
        if (fits.isEmpty()) {
            throw new IOException(
                    "it is no MobileNetV3 that is known here; the nearest is %s, but %s"
                            .formatted(nearestConfig, nearest.getMessage()));
        }
        return best();
    }

    /** Of nets that compute the same, the one that the file was probably made of. */
    private Fit best() {
        Fit best = fits.get(0);
        for (Fit fit : fits) {
            if (unlikeness(fit) < unlikeness(best)) {
                best = fit;
            }
        }
        return best;
    }

    private static int unlikeness(Fit fit) {
        // timm has a convolution for the hidden layer, and it counts where batch norm is folded.
        boolean head =
                fit.values().hasConvolutionHead() == (fit.config().dialect() == Dialect.TIMM);
        return 2 * fit.values().epsilons() + (head ? 0 : 1);
    }

    /** This project's exports say what they are. */
    private static MobileNetV3Config ownExport(Map<String, String> metadata) {
        try {
            return JsonUtils.GSON.fromJson(metadata.get("architecture"), MobileNetV3Config.class);
        } catch (RuntimeException e) { // another's entry of that name
            return null;
        }
    }

    /** Tries the widths that make the last convolution's input, coarse steps first. */
    private void widths(Size size, Variant variant, Dialect dialect) {
        MobileNetV3Config base = config(size, variant, dialect, 1);
        Graph graph = trace(MobileNetV3.of(base));
        double at1 = beforeLast(graph);
        double found = beforeLast(file);
        // The widths that _make_divisible rounds to what was found: half a step up or down, or a
        // whole one where that would lose more than a tenth.
        double raised = (found - STEP) / SMALLEST_SHARE;
        double least = found <= STEP ? 0 : Math.min(found - STEP / 2, raised) / at1;
        double most = Math.min(WIDEST, found / SMALLEST_SHARE / at1);
        if (attempt(base)) {
            return;
        }
        Set<Double> tried = new TreeSet<>();
        Set<List<Shape>> shapes = new HashSet<>();
        for (int steps : new int[] {4, 20, 100, 1000}) {
            for (long i = Math.max(1, Math.round(least * steps)); i <= most * steps + 1; i++) {
                double width = (double) i / steps;
                if (width <= WIDEST && tried.add(width) && attemptNew(base, width, shapes)) {
                    return;
                }
            }
        }
    }

    private boolean attemptNew(MobileNetV3Config base, double width, Set<List<Shape>> shapes) {
        MobileNetV3Config config = config(base.size(), base.variant(), base.dialect(), width);
        List<Shape> parameters =
                MobileNetV3.of(config).getParameters().values().stream()
                        .map(p -> p.getShape())
                        .toList();
        return shapes.add(parameters) && attempt(config);
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

    private MobileNetV3Config config(Size size, Variant variant, Dialect dialect, double width) {
        return new MobileNetV3Config(
                size,
                variant,
                (int) classes,
                width,
                variant == Variant.PAPER ? (float) DROPOUT : 0f,
                (int) channels,
                stemStride,
                dialect);
    }

    private static Graph trace(MobileNetV3 net) {
        return Graph.trace(net, new Shape(1, net.config().inputChannels(), IMAGE, IMAGE));
    }

    private boolean attempt(MobileNetV3Config config) {
        MobileNetV3 net = MobileNetV3.of(config);
        try {
            fits.add(new Fit(config, net, NetMatch.match(trace(net), file)));
            return true;
        } catch (Mismatch e) {
            if (nearest == null || e.matched() > nearest.matched()) {
                nearest = e;
                nearestConfig = config;
            }
            return false;
        }
    }
}
