package org.mobilenetv3.torchscript;

import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.mobilenetv3.detection.Answers;
import org.mobilenetv3.graph.Graph;
import org.mobilenetv3.graph.Op;
import org.mobilenetv3.graph.Weight;

/**
 * Writes a graph as a TorchScript file for {@code torch.jit.load} and for DJL: any batch, any image
 * size, {@code (N, C, H, W)} in, {@code (N, classes)} out. A net that detects takes images of one
 * size and gives two tensors, boxes {@code (N, anchors, 4)} and scores {@code (N, anchors, 1 +
 * classes)}.
 *
 * <p>Parameters and buffers have the names of the state dict ({@code features.0.0.weight}).
 */
public final class TorchScriptWriter {

    private static final String ROOT = "Net";

    private static final String TWO =
            "(torch.slice(y, 2, 0, 4, 1), torch.slice(y, 2, 4, 9223372036854775807, 1))";

    private final Member.Module root = new Member.Module(ROOT);
    private final Map<String, Member.Module> modules = new HashMap<>();
    private final StringBuilder source = new StringBuilder();

    /** Whether boxes and scores are two outputs. */
    private final boolean detects;

    private TorchScriptWriter(boolean detects) {
        this.detects = detects;
        modules.put("", root);
        root.members().put("training", new Member.Flag(true));
    }

    /**
     * Writes a file.
     *
     * @param graph what to write, traced with images large enough that none shrinks to one pixel
     *     before pooling; its weights must have values
     * @param trainable whether the file must obey {@code train()} and {@code eval()}; otherwise it
     *     only infers, which is faster
     * @param extra files inside, by name, for {@code _extra_files}
     * @param out where to; flushed, not closed
     * @throws IOException if writing fails
     */
    public static void write(
            Graph graph, boolean trainable, Map<String, String> extra, OutputStream out)
            throws IOException {
        TorchScriptWriter writer = new TorchScriptWriter(!Answers.parts(graph).isEmpty());
        graph.weights().forEach(writer::add);
        List<Op.PerChannel> constants = new ArrayList<>();
        graph.nodes().stream()
                .filter(n -> n.op() instanceof Op.PerChannel)
                .forEach(n -> constants.add((Op.PerChannel) n.op()));
        constants.forEach(c -> writer.add(constant(c, constants.indexOf(c))));
        Emitter.Mode mode = trainable ? Emitter.Mode.EITHER : Emitter.Mode.INFERENCE;
        String body =
                new Emitter(
                                graph,
                                // Files go to other machines: no kernel that only suits this one.
                                new Emitter.Style(new Kernels(true, false), mode, false, null),
                                w -> path(w.name()),
                                w -> path(w.name()),
                                c -> path(constant(c, constants.indexOf(c)).name()))
                        .write();
        writer.declare(writer.root, body);
        Archive.write(out, "mobilenetv3", writer.source.toString(), writer.root, extra);
    }

    /**
     * Reads a file that was written inside.
     *
     * @param file a TorchScript file
     * @param name as given to {@link #write}
     * @return its text, or null if the TorchScript file has none of that name
     * @throws IOException if the file is no whole ZIP
     */
    public static String extra(Path file, String name) throws IOException {
        try (ZipFile zip = new ZipFile(file.toFile())) {
            ZipEntry entry =
                    zip.stream()
                            .filter(e -> e.getName().endsWith("/extra/" + name))
                            .findFirst()
                            .orElse(null);
            return entry == null
                    ? null
                    : new String(zip.getInputStream(entry).readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static Weight constant(Op.PerChannel op, int index) {
        float[] values = op.values();
        return new Weight(
                "normalize." + index, new Shape(1, values.length, 1, 1), false, () -> values);
    }

    private void add(Weight weight) {
        String leaf = weight.name().substring(weight.name().lastIndexOf('.') + 1);
        module(weight.layer())
                .members()
                .put(leaf, new Member.Tensor(weight.shape(), weight.values(), weight.trainable()));
    }

    private Member.Module module(String path) {
        Member.Module known = modules.get(path);
        if (known != null) {
            return known;
        }
        int dot = path.lastIndexOf('.');
        Member.Module parent = module(dot < 0 ? "" : path.substring(0, dot));
        Member.Module module = new Member.Module(ROOT + "_" + path.replace('.', '_'));
        module.members().put("training", new Member.Flag(true));
        parent.members().put(path.substring(dot + 1), module);
        modules.put(path, module);
        return module;
    }

    /** Writes a class after those that it mentions. */
    private void declare(Member.Module module, String forward) {
        StringBuilder attributes = new StringBuilder();
        List<String> parameters = new ArrayList<>();
        List<String> buffers = new ArrayList<>();
        for (Map.Entry<String, Member> entry : module.members().entrySet()) {
            String name = entry.getKey();
            String type = "bool";
            if (entry.getValue() instanceof Member.Module child) {
                declare(child, null);
                type = "__torch__." + child.className();
            } else if (entry.getValue() instanceof Member.Tensor tensor) {
                (tensor.trainable() ? parameters : buffers).add(name);
                type = "Tensor";
            }
            attributes.append(
                    isIdentifier(name)
                            ? "  %s : %s\n".formatted(name, type)
                            : "  __annotations__[\"%s\"] = %s\n".formatted(name, type));
        }
        source.append("class %s(Module):\n".formatted(module.className()))
                .append("  __parameters__ = [%s]\n".formatted(quoted(parameters)))
                .append("  __buffers__ = [%s]\n".formatted(quoted(buffers)));
        if (attributes.indexOf("__annotations__") >= 0) {
            source.append("  __annotations__ = []\n");
        }
        source.append(attributes);
        if (forward != null) {
            source.append(
                    "  def forward(self: __torch__.%s, x: Tensor) -> %s:\n%s    return %s\n"
                            .formatted(
                                    ROOT,
                                    detects ? "Tuple[Tensor, Tensor]" : "Tensor",
                                    forward,
                                    detects ? TWO : "y"));
        }
    }

    private static String quoted(List<String> names) {
        StringBuilder text = new StringBuilder();
        names.forEach(n -> text.append('"').append(n).append("\", "));
        return text.toString();
    }

    /** How code reads a nested attribute: names like {@code 0} are no identifiers. */
    private static String path(String name) {
        String expression = "self";
        for (String part : name.split("\\.", -1)) {
            expression =
                    isIdentifier(part)
                            ? expression + "." + part
                            : "getattr(%s, \"%s\")".formatted(expression, part);
        }
        return expression;
    }

    private static boolean isIdentifier(String name) {
        return Character.isJavaIdentifierStart(name.charAt(0));
    }
}
