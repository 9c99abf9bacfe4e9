package org.mobilenetv3.train;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.mobilenetv3.MobileNetV3.Execution;
import org.mobilenetv3.Task;
import org.mobilenetv3.preprocessing.Preprocessing;
import org.mobilenetv3.torchscript.CompiledNet.Learned;
import org.mobilenetv3.torchscript.Loss;
import org.mobilenetv3.torchscript.Script;
import org.mobilenetv3.train.data.imagenet.Synsets;
import org.mobilenetv3.train.recipe.Recipe;
import org.mobilenetv3.train.recipe.RecipeKey;
import org.mobilenetv3.trained.NetDescription;
import org.mobilenetv3.trained.PackageNet;

/**
 * A trained net, on one device, from whose answers another learns (Hinton, Vinyals and Dean, 2015).
 * Its share of the loss is, as in PyTorch, {@code kl_div(log_softmax(student / T), softmax(teacher
 * / T), reduction="batchmean") * T * T}. Used by one thread.
 *
 * <p>It sees the very images that the student learns from, brought to its own size and channels; it
 * normalizes them itself.
 */
public final class Teacher implements AutoCloseable {

    /** What a teacher does around its net: the images as it wants them, and its answers. */
    private static final String METHODS =
            """
              def see(self: __torch__.Net, x: Tensor) -> Tensor:
            %s    return x
              def answer(self: __torch__.Net, y: Tensor, temperature: Tensor) -> Tensor:
                return torch.log_softmax(torch.div(y, temperature), 1)
            """;

    /** ITU-R 601 as Pillow has it, in 65536ths. */
    private static final String LUMA =
            """
                r = torch.mul(torch.slice(x, 1, 0, 1), 0.2989959716796875)
                g = torch.mul(torch.slice(x, 1, 1, 2), 0.587005615234375)
                b = torch.mul(torch.slice(x, 1, 2, 3), 0.1139984130859375)
                x = torch.add(torch.add(r, g), b)
            """;

    private static final String GRAY =
            """
                x = torch.repeat(x, [1, 3, 1, 1])
            """;

    private final PackageNet net;
    private final Preprocessing student;
    private final NDManager manager;
    private final Script script;
    private final double share;
    private final NDArray temperature;

    /** The divergence's weight for each number of images in a batch. */
    private final Map<Integer, NDArray> weights = new HashMap<>();

    private Teacher(PackageNet net, Preprocessing student, Recipe recipe) {
        this.net = net;
        this.student = student;
        manager = net.block().getParameters().get(0).getValue().getArray().getManager();
        script = new Script(manager, List.of(), METHODS.formatted(seeing()));
        double t = recipe.number(RecipeKey.TEMPERATURE);
        share = recipe.number(RecipeKey.DISTILL) * t * t;
        // In libtorch's own memory: autograd reads it after this call.
        temperature = manager.full(new Shape(), (float) t);
    }

    /**
     * Opens a teacher.
     *
     * @param file a package, a ZIP of one, or a file of weights
     * @param student how images become the input of the net that learns
     * @param classes that the net is to tell apart
     * @param recipe the teacher's share of the loss and its temperature
     * @param execution how the net that learns is computed
     * @param device where the net learns
     * @return the teacher
     * @throws IOException in one sentence, if it cannot be opened or tells other classes apart
     */
    public static Teacher open(
            Path file,
            Preprocessing student,
            List<String> classes,
            Recipe recipe,
            Execution execution,
            Device device)
            throws IOException {
        PackageNet net = PackageNet.open(file, device);
        try {
            requireClasses(file, net.description(), classes);
            // Inference has no backward pass to follow: compiled is always right.
            net.setExecution(execution == Execution.EAGER ? Execution.COMPILED : execution);
            return new Teacher(net, student, recipe);
        } catch (IOException | RuntimeException e) {
            net.close();
            throw e;
        }
    }

    /**
     * Refuses a teacher of other classes.
     *
     * @param file where it lies
     * @param teacher what it is
     * @param classes that the student is to tell apart
     * @throws IOException in one sentence, if they differ in number, name or order
     * @throws IllegalArgumentException if the teacher does not classify
     */
    public static void requireClasses(Path file, NetDescription teacher, List<String> classes)
            throws IOException {
        teacher.architecture().requireTask(Task.CLASSIFY, "--teacher");
        List<String> known = teacher.classes();
        if (known.size() != classes.size()) {
            throw new IOException(
                    String.format(
                            Locale.ROOT,
                            "The teacher %s tells %d classes apart but the images have %d; give a teacher of the same classes.",
                            file,
                            known.size(),
                            classes.size()));
        }
        List<String> unnamed = NetDescription.numberedClasses(known.size());
        boolean imageNet =
                classes.equals(Synsets.ids()) && known.equals(NetDescription.imageNetClasses());
        if (known.equals(unnamed) || classes.equals(unnamed) || imageNet) {
            return;
        }
        for (int i = 0; i < known.size(); i++) {
            if (!known.get(i).equals(classes.get(i))) {
                throw new IOException(
                        String.format(
                                Locale.ROOT,
                                "The teacher %s tells other classes apart: its class %d is '%s' but the images' is '%s'; give a teacher of the same classes in the same order.",
                                file,
                                i,
                                known.get(i),
                                classes.get(i)));
            }
        }
    }

    private Preprocessing own() {
        return net.description().preprocessing();
    }

    private boolean resizes() {
        return own().height() != student.height() || own().width() != student.width();
    }

    private String seeing() {
        StringBuilder source = new StringBuilder();
        if (own().channels() < student.channels()) {
            source.append(LUMA);
        }
        if (resizes()) {
            // As interpolate(mode="bilinear", antialias=True).
            source.append(
                    String.format(
                            Locale.ROOT,
                            "    x = torch._upsample_bilinear2d_aa(x, [%d, %d], False, None, None)\n",
                            own().height(),
                            own().width()));
        }
        if (own().channels() > student.channels()) {
            source.append(GRAY);
        }
        return source.toString();
    }

    /** Prints what it is shown, if that is not what the student sees, and what was assumed. */
    void describe(PrintStream log) {
        List<String> changes = new ArrayList<>();
        if (resizes()) {
            boolean larger = own().height() >= student.height() && own().width() >= student.width();
            boolean smaller =
                    own().height() <= student.height() && own().width() <= student.width();
            changes.add(
                    String.format(
                            Locale.ROOT,
                            "%s from %dx%d to %dx%d",
                            larger ? "enlarged" : smaller ? "reduced" : "resized",
                            student.height(),
                            student.width(),
                            own().height(),
                            own().width()));
        }
        if (own().channels() != student.channels()) {
            changes.add(own().channels() == 1 ? "as gray" : "gray as RGB");
        }
        if (!changes.isEmpty()) {
            log.printf("the teacher sees images %s%n", String.join(", ", changes));
        }
        net.notes().forEach(note -> log.println("note on the teacher: " + note));
    }

    /**
     * Has a net learn from its answers, too.
     *
     * @param student on this device
     * @param x part of a batch as the student sees it, {@code (N, C, H, W)} in [0, 1]; its manager
     *     owns what comes out
     * @param targets of the student's own loss, {@link Loss#CLASSES}
     * @param images in the whole batch
     * @param scale as for {@link Replica#learn}
     * @return what the part adds to the batch's loss and gradients, and the student's logits
     */
    Learned teach(Replica student, NDArray x, List<NDArray> targets, int images, NDArray scale) {
        List<NDArray> all = new ArrayList<>(targets);
        all.add(answers(x));
        all.add(weights.computeIfAbsent(images, this::weight));
        all.add(temperature);
        return student.learn(x, Loss.DISTILLATION, all, scale);
    }

    /** Its log-probabilities at the temperature, {@code (N, classes)}. */
    NDArray answers(NDArray x) {
        ParameterStore store = new ParameterStore(x.getManager(), false);
        NDArray seen = script.call("see", x).singletonOrThrow();
        NDArray y = net.block().forward(store, new NDList(seen), false).singletonOrThrow();
        return script.call("answer", y, temperature).singletonOrThrow();
    }

    private NDArray weight(int images) {
        return manager.full(new Shape(), (float) (share / images));
    }

    @Override
    public void close() {
        script.close();
        net.close();
    }
}
