package org.mobilenetv3.train;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.mobilenetv3.MobileNetV3;
import org.mobilenetv3.preprocessing.Preprocessing;
import org.mobilenetv3.train.data.ImageBatch;
import org.mobilenetv3.train.recipe.Recipe;
import org.mobilenetv3.train.recipe.RecipeKey;
import org.mobilenetv3.train.run.Checkpoints;
import org.mobilenetv3.train.run.RunSettings;
import org.mobilenetv3.train.task.TrainingTask;
import org.mobilenetv3.trained.PackageNet;
import org.mobilenetv3.weights.StateDict;

/** The nets of a run, one on each device; to be closed after the learner. */
final class RunNets implements AutoCloseable {

    private final RunSettings settings;
    private final List<Device> devices;
    private final List<Model> models = new ArrayList<>();
    private final Map<Device, Teacher> teachers = new LinkedHashMap<>();

    RunNets(RunSettings settings, List<Device> devices) {
        this.settings = settings;
        this.devices = devices;
    }

    /**
     * Makes the nets and their learner.
     *
     * @param from where the run was left, or empty to begin
     * @param task what is learned
     * @param <B> what a batch holds
     * @param log told where the weights come from
     * @return the learner, at the place where it goes on
     * @throws IOException if weights or state cannot be read
     */
    <B extends ImageBatch> Learner<B> learner(
            Optional<Checkpoints.Found> from, TrainingTask<B> task, PrintStream log)
            throws IOException {
        List<String> classes = task.facts().classes();
        List<Replica> replicas = new ArrayList<>();
        for (Device device : devices) {
            replicas.add(replica(device, from.map(Checkpoints.Found::path).orElse(null)));
        }
        if (from.isEmpty() && settings.weights() != null) {
            List<String> own;
            List<String> notes;
            Replica first = replicas.get(0);
            Path weights = Path.of(settings.weights());
            try (PackageNet start =
                    PackageNet.open(weights, settings.family(), first.manager().getDevice())) {
                own = first.begin(new StartingPoint(weights, start.description()), start, classes);
                notes = start.notes();
            }
            log.printf(
                    "weights from %s%s%n",
                    settings.weights(), own.isEmpty() ? "" : ", new: " + String.join(", ", own));
            notes.forEach(note -> log.println("note: " + note));
        }
        Recipe recipe = settings.recipe();
        List<Teacher> taught = teachers(classes, log);
        Learner<B> learner =
                new Learner<>(
                        replicas,
                        recipe,
                        task.objective(!taught.isEmpty()),
                        settings.seed(),
                        taught,
                        sandwich(replicas));
        if (from.isPresent()) {
            learner.beginEpoch(from.get().progress().epoch());
            try (StateDict state = from.get().state()) {
                learner.restore(state.tensors());
            }
        }
        return learner;
    }

    private Sandwich sandwich(List<Replica> replicas) {
        return settings.space() == null
                ? null
                : new Sandwich(
                        settings.space(),
                        settings.input().normalization(),
                        settings.execution(),
                        replicas.get(0),
                        settings.seed());
    }

    /** One for each device, told about once. */
    private List<Teacher> teachers(List<String> classes, PrintStream log) throws IOException {
        if (settings.teacher() == null) {
            return List.of();
        }
        settings.teacher().requireSame("teacher");
        Recipe recipe = settings.recipe();
        for (Device device : new LinkedHashSet<>(devices)) {
            teachers.put(
                    device,
                    Teacher.open(
                            Path.of(settings.teacher().path()),
                            settings.input(),
                            classes,
                            recipe,
                            settings.execution(),
                            device));
        }
        log.printf(
                "teacher %s, distill %s, temperature %s%n",
                settings.teacher().path(),
                recipe.number(RecipeKey.DISTILL),
                recipe.number(RecipeKey.TEMPERATURE));
        teachers.get(devices.get(0)).describe(log);
        return devices.stream().map(teachers::get).toList();
    }

    private Replica replica(Device device, Path weights) throws IOException {
        Preprocessing input = settings.input();
        Shape image = new Shape(1, input.channels(), input.height(), input.width());
        float momentum = (float) settings.recipe().number(RecipeKey.NORM_MOMENTUM);
        MobileNetV3 net =
                MobileNetV3.of(settings.architecture(), input.normalization(), momentum)
                        .setExecution(settings.execution());
        Model model = Model.newInstance(settings.architecture().name(), device, "PyTorch");
        models.add(model);
        return Replica.of(model, net, image, settings.seed(), weights);
    }

    @Override
    public void close() {
        teachers.values().forEach(Teacher::close);
        models.forEach(Model::close);
    }
}
