import ai.djl.Device;
import ai.djl.Model;
import ai.djl.engine.Engine;
import ai.djl.inference.Predictor;
import ai.djl.modality.Classifications;
import ai.djl.modality.cv.Image;
import ai.djl.modality.cv.ImageFactory;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.repository.zoo.Criteria;
import ai.djl.repository.zoo.ZooModel;
import ai.djl.training.ParameterStore;
import ai.djl.util.Pair;
import ai.djl.util.cuda.CudaUtils;
import java.awt.image.BufferedImage;
import java.io.PrintStream;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.mobilenetv3.MobileNetV3;
import org.mobilenetv3.MobileNetV3.Execution;

import org.mobilenetv3.Architecture;
import org.mobilenetv3.trained.PackageNet;
import org.mobilenetv3.runtime.TorchRuntime;
import org.mobilenetv3.train.Learner;
import org.mobilenetv3.train.Replica;
import org.mobilenetv3.train.data.Batch;
import org.mobilenetv3.train.data.BatchLoader;
import org.mobilenetv3.train.data.ImageSet;
import org.mobilenetv3.train.data.source.SyntheticShapes;
import org.mobilenetv3.train.recipe.Recipe;
import org.mobilenetv3.train.recipe.RecipeKey;
import org.mobilenetv3.train.run.Score;

/**
 * Whether a GPU computes what the CPU does, and what goes wrong goes wrong with a sentence. One line
 * a check: what was seen, what is allowed. Ends with 1 if one failed. The golden figures and the
 * optimizers are checked by the project's tests, which bench/gpu/run.sh runs on the GPU as well.
 *
 * <pre>java -cp ... GpuCheck --device gpu0|cpu [--quick] [--only WORDS]</pre>
 *
 * With WORDS, only the checks whose name contains them.
 */
class GpuCheck {

    private static final String GRAPHS = "mobilenetv3.cudaGraph";
    private static final Shape IMAGE = new Shape(1, 3, 32, 32);

    private final Device device;
    private final boolean quick;
    private final PrintStream out = System.out;
    private final ImageSet images;
    private final String only;
    private int failures;

    GpuCheck(Device device, boolean quick, String only) {
        this.only = only;
        this.device = device;
        this.quick = quick;
        images = SyntheticShapes.generate("shapes", quick ? 96 : 2048, 7);
    }

    public static void main(String[] args) throws Exception {
        List<String> given = List.of(args);
        String name = given.get(given.indexOf("--device") + 1);
        out().println(TorchRuntime.start());
        out().println();
        GpuCheck check =
                new GpuCheck(
                        "cpu".equals(name) ? Device.cpu() : Device.gpu(0),
                        given.contains("--quick"),
                        given.contains("--only") ? given.get(given.indexOf("--only") + 1) : "");
        check.all();
        out().printf("%n%s%n", check.failures == 0 ? "all held" : check.failures + " FAILED");
        System.exit(check.failures == 0 ? 0 : 1);
    }

    private static PrintStream out() {
        return System.out;
    }

    private void all() {
        out.printf("%-66s %-24s %s%n", "check", "seen", "allowed");
        System.setProperty(GRAPHS, "false");
        for (String net : List.of("mobilenet_v3_large", "mobilenet_v3_small")) {
            check("inference at 224, " + net + ": compiled against the CPU", 1e-4, () -> logits(net, Execution.COMPILED));
            check("the same, operation by operation", 1e-4, () -> logits(net, Execution.EAGER));
            check("the same, TF32", 5e-3, () -> logits(net, Execution.TF32));
            check("the same, bf16", 6e-2, () -> logits(net, Execution.BF16));
            check("the same, fp16", 1e-2, () -> logits(net, Execution.FP16));
        }
        check("features and embedding against the CPU", 1e-4, this::features);
        check("first step's loss against the CPU, relative", 1e-5, () -> against(1, Optimize.SGD).loss());
        check("weights after it, of the largest step", 1e-2, () -> against(1, Optimize.SGD).step());
        check("loss of 4 steps of SGD against the CPU, relative", 1e-3, () -> against(4, Optimize.SGD).loss());
        check("12 steps twice: weights", 0, () -> difference(train(12, Optimize.ADAMW, "fp32").weights, train(12, Optimize.ADAMW, "fp32").weights));
        check("12 steps twice, bf16: weights", 0, () -> difference(train(12, Optimize.ADAMW, "bf16").weights, train(12, Optimize.ADAMW, "bf16").weights));
        check("two replicas on one device against two parts on one: weights", 1e-6, this::replicas);
        check("the sentence of gpu7", 0, () -> sentence(2, "There is no device gpu7", "doctor", "--device", "gpu7"));
        System.clearProperty(GRAPHS);
        for (Optimize kind : Optimize.values()) {
            check("12 steps, recorded or given one by one: weights, " + kind, 0, () -> recording(kind, "fp32"));
        }
        check("the same with bf16", 0, () -> recording(Optimize.ADAMW, "bf16"));
        check("the same with fp16", 0, () -> recording(Optimize.ADAMW, "fp16"));
        check("inference recorded or not, two shapes in turn", 0, this::recordedInference);
        check("evaluation after recorded steps: compiled against op by op", 1e-4, this::evaluation);
        check("a smaller last batch, recorded or not: weights", 0, this::lastBatch);
        int steps = quick ? 6 : 120;
        for (String precision : List.of("fp32", "tf32", "bf16", "fp16")) {
            check("loss after " + steps + " steps, " + precision, quick ? 9 : 1.5, () -> train(steps, Optimize.ADAMW, precision).loss);
        }
        check("memory after 500 steps against after 50, MB", 8, this::memory);
        check("a package by Criteria on the device against the CPU: probabilities", 1e-4, this::criteria);
        if (device.isGpu()) {
            check("out of memory: a sentence, the run is whole and goes on", 0, this::outOfMemory);
        }
    }

    private interface Check {
        double run() throws Exception;
    }

    private void check(String name, double allowed, Check check) {
        if (!name.contains(only)) {
            return;
        }
        long start = System.nanoTime();
        String seen;
        boolean held;
        try {
            double value = check.run();
            held = value <= allowed;
            seen = String.format(Locale.ROOT, "%.3g", value);
        } catch (Exception | LinkageError e) {
            held = false;
            seen = String.valueOf(e).lines().findFirst().orElse("");
            if (!(e instanceof IllegalStateException)) {
                e.printStackTrace(out);
            }
        }
        failures += held ? 0 : 1;
        out.printf(
                Locale.ROOT,
                "%-66s %-24s %-8s %s (%.1f s)%n",
                name,
                seen,
                String.format(Locale.ROOT, "%.3g", allowed),
                held ? "ok" : "FAILED",
                (System.nanoTime() - start) / 1e9);
        out.flush();
    }

    // Inference

    private double logits(String preset, Execution execution) {
        float[] cpu = logits(preset, Execution.COMPILED, Device.cpu());
        return relative(logits(preset, execution, device), cpu);
    }

    private static MobileNetV3 net(String preset, int classes) {
        return MobileNetV3.builder(preset).optClasses(classes).build();
    }

    private float[] logits(String preset, Execution execution, Device where) {
        JniUtils.setGradMode(false);
        try (NDManager manager = NDManager.newBaseManager(where, "PyTorch")) {
            MobileNetV3 net = net(preset, 1000).setExecution(execution);
            Shape shape = new Shape(quick ? 1 : 8, 3, 224, 224);
            net.initialize(manager, DataType.FLOAT32, shape);
            fill(net);
            NDArray x = manager.create(random(shape, 3), shape);
            return net.forward(new ParameterStore(manager, false), new NDList(x), false)
                    .singletonOrThrow()
                    .toFloatArray();
        }
    }

    /** Enough calls of a shape for it to be recorded, then of another, then of new weights. */
    private double recordedInference() throws Exception {
        float[] recorded = calls();
        float[] plain = withoutGraphs(this::calls);
        return largest(minus(recorded, plain));
    }

    private float[] calls() {
        JniUtils.setGradMode(false);
        try (NDManager manager = NDManager.newBaseManager(device, "PyTorch")) {
            MobileNetV3 net = net("mobilenet_v3_small", 10);
            net.initialize(manager, DataType.FLOAT32, new Shape(1, 3, 64, 64));
            fill(net);
            ParameterStore store = new ParameterStore(manager, false);
            float[] all = new float[360];
            int at = 0;
            for (int call = 0; call < 18; call++) {
                if (call == 12) {
                    NDArray bias = net.getParameters().get("classifier.3.bias").getArray();
                    bias.set(random(bias.getShape(), 8));
                }
                Shape shape = new Shape(call / 6 == 1 ? 2 : 1, 3, 64, 64);
                NDList x = new NDList(manager.create(random(shape, call), shape));
                try (NDArray y = net.forward(store, x, false).singletonOrThrow()) {
                    for (float value : y.toFloatArray()) {
                        all[at++] = value;
                    }
                }
            }
            return all;
        }
    }

    private double features() {
        Map<String, float[]> cpu = features(Device.cpu());
        Map<String, float[]> here = features(device);
        return cpu.keySet().stream()
                .mapToDouble(name -> relative(here.get(name), cpu.get(name)))
                .max()
                .orElseThrow();
    }

    private Map<String, float[]> features(Device where) {
        JniUtils.setGradMode(false);
        try (NDManager manager = NDManager.newBaseManager(where, "PyTorch")) {
            MobileNetV3 net = net("mobilenet_v3_large", 10);
            Shape shape = new Shape(2, 3, 96, 96);
            net.initialize(manager, DataType.FLOAT32, shape);
            fill(net);
            NDList x = new NDList(manager.create(random(shape, 3), shape));
            ParameterStore store = new ParameterStore(manager, false);
            Map<String, float[]> all = new TreeMap<>();
            for (Block block : List.of(net.features(), net.embedding())) {
                for (NDArray map : block.forward(store, x, false)) {
                    all.put(all.size() + "", map.toFloatArray());
                }
            }
            return all;
        }
    }

    private static final Map<String, Map<String, float[]>> DRAWN = new HashMap<>();

    /** The same weights everywhere: as the CPU draws them, for a GPU draws other numbers. */
    private static void fill(MobileNetV3 net) {
        Map<String, float[]> drawn =
                DRAWN.computeIfAbsent(net.architecture().toString(), key -> draw(net.architecture()));
        for (Pair<String, Parameter> entry : net.getParameters()) {
            entry.getValue().getArray().set(drawn.get(entry.getKey()));
        }
    }

    /** Fresh weights, and running statistics of noise, so that values neither grow nor vanish. */
    private static Map<String, float[]> draw(Architecture config) {
        try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
            Engine.getEngine("PyTorch").setRandomSeed(3);
            MobileNetV3 net = MobileNetV3.of(config);
            Shape shape = new Shape(8, 3, 64, 64);
            net.initialize(manager, DataType.FLOAT32, shape);
            ParameterStore store = new ParameterStore(manager, false);
            NDList x = new NDList(manager.create(random(shape, 4), shape));
            for (int i = 0; i < 150; i++) {
                net.forward(store, x, true).close();
            }
            Map<String, float[]> all = new TreeMap<>();
            net.getParameters().forEach(p -> all.put(p.getKey(), p.getValue().getArray().toFloatArray()));
            return all;
        }
    }

    // Training

    private enum Optimize {
        SGD,
        ADAMW,
        NESTEROV,
        RMSPROP
    }

    private record Trained(double loss, Map<String, float[]> weights) {}

    /** What a comparison with the CPU gave. */
    private record Compared(double loss, double step) {}

    private Compared against(int steps, Optimize kind) throws Exception {
        Trained cpu = train(steps, kind, "fp32", Device.cpu(), 0, 64);
        Trained here = train(steps, kind, "fp32", device, 0, 64);
        Map<String, float[]> before = train(0, kind, "fp32", device, 0, 64).weights;
        double worst = 0;
        for (String name : cpu.weights.keySet()) {
            double moved = largest(minus(cpu.weights.get(name), before.get(name)));
            double differs = largest(minus(cpu.weights.get(name), here.weights.get(name)));
            worst = Math.max(worst, differs / Math.max(moved, 1e-6));
        }
        return new Compared(Math.abs(here.loss - cpu.loss) / Math.abs(cpu.loss), worst);
    }

    private Trained train(int steps, Optimize kind, String precision) throws Exception {
        return train(steps, kind, precision, device, 0.2f, quick ? 16 : 128);
    }

    private Trained train(
            int steps, Optimize kind, String precision, Device where, float dropout, int batchSize)
            throws Exception {
        Recipe recipe =
                Recipe.of("quick", "mobilenet_v3_small")
                        .with(RecipeKey.OPTIMIZER, kind.name().toLowerCase(Locale.ROOT))
                        .with(RecipeKey.WEIGHT_DECAY, 0.01)
                        .with(RecipeKey.EMA_DECAY, 0.9)
                        .with(RecipeKey.CLIP_NORM, 5.0);
        try (Model model = Model.newInstance("net", where, "PyTorch")) {
            Replica replica = replica(model, precision, dropout);
            double loss = steps == 0 ? 0 : loss(replica, recipe, steps, batchSize);
            return new Trained(loss, weights(replica));
        }
    }

    private static Replica replica(Model model, String precision, float dropout) throws Exception {
        Execution execution =
                "fp32".equals(precision)
                        ? Execution.COMPILED
                        : Execution.valueOf(precision.toUpperCase(Locale.ROOT));
        MobileNetV3 net =
                MobileNetV3.small().optClasses(10).optStemStride(1).optDropout(dropout).build();
        Replica replica = Replica.of(model, net.setExecution(execution), IMAGE, 3, null);
        fill(net);
        return replica;
    }

    /** The loss of the last batches seen. */
    private double loss(Replica replica, Recipe recipe, int steps, int batchSize) {
        double sum = 0;
        long count = 0;
        try (Learner<Batch> learner = Learner.of(List.of(replica), recipe, null, 5);
                BatchLoader loader = loader(batchSize)) {
            Score score = Score.NONE;
            Score late = Score.NONE;
            int step = 0;
            for (int epoch = 0; step < steps; epoch++) {
                for (Batch batch : loader.epoch(epoch)) {
                    if (step == steps) {
                        break;
                    }
                    try (batch) {
                        score = learner.step(batch, 0.002, step++, score);
                    }
                    if (step == steps - Math.min(steps, 8)) {
                        late = learner.settle(score);
                        score = late;
                    }
                }
            }
            score = learner.settle(score);
            sum = score.lossSum() - late.lossSum();
            count = score.images() - late.images();
        }
        return sum / count;
    }

    private BatchLoader loader(int batchSize) {
        return BatchLoader.builder()
                .setSet(images)
                .setBatchSize(batchSize)
                .optShuffle(true)
                .optSeed(9)
                .build();
    }

    private double recording(Optimize kind, String precision) throws Exception {
        int steps = quick ? 6 : 12;
        Trained recorded = train(steps, kind, precision);
        Trained plain = withoutGraphs(() -> train(steps, kind, precision));
        return difference(recorded.weights, plain.weights) + Math.abs(recorded.loss - plain.loss);
    }

    private interface Run<T> {
        T run() throws Exception;
    }

    private static <T> T withoutGraphs(Run<T> run) throws Exception {
        System.setProperty(GRAPHS, "false");
        try {
            return run.run();
        } finally {
            System.clearProperty(GRAPHS);
        }
    }

    /** Two epochs of three whole batches and a smaller one. */
    private double lastBatch() throws Exception {
        int size = images.size() / 7 * 2;
        Run<Trained> run = () -> train(8, Optimize.ADAMW, "fp32", device, 0.2f, size);
        return difference(run.run().weights, withoutGraphs(run).weights);
    }

    private double evaluation() throws Exception {
        Recipe recipe = Recipe.of("quick", "mobilenet_v3_small");
        try (Model model = Model.newInstance("net", device, "PyTorch");
                BatchLoader loader = loader(16);
                Batch batch = loader.epoch(0).iterator().next()) {
            Replica replica = replica(model, "fp32", 0.2f);
            float[] before = logits(replica, batch);
            loss(replica, recipe, quick ? 6 : 12, quick ? 16 : 128);
            float[] compiled = logits(replica, batch);
            ((MobileNetV3) replica.net()).setExecution(Execution.EAGER);
            float[] operations = logits(replica, batch);
            if (relative(before, compiled) < 1e-3) {
                throw new IllegalStateException("the net has not moved");
            }
            return relative(compiled, operations);
        }
    }

    private static float[] logits(Replica replica, Batch batch) {
        FloatBuffer pixels = batch.pixels().asFloatBuffer();
        return replica.logits(pixels, new Shape(batch.size(), 3, 32, 32));
    }

    private double replicas() throws Exception {
        Map<String, float[]> two = parts(2, 1);
        Map<String, float[]> one = parts(1, 2);
        two.keySet().removeIf(name -> name.contains("running_"));
        one.keySet().removeIf(name -> name.contains("running_"));
        return difference(two, one);
    }

    private Map<String, float[]> parts(int replicas, int accumulate) throws Exception {
        Recipe recipe = Recipe.of("quick", "mobilenet_v3_small").with(RecipeKey.ACCUMULATE, accumulate);
        List<Model> models = new ArrayList<>();
        List<Replica> all = new ArrayList<>();
        try {
            for (int i = 0; i < replicas; i++) {
                models.add(Model.newInstance("net" + i, device, "PyTorch"));
                all.add(replica(models.get(i), "fp32", 0));
            }
            try (Learner<Batch> learner = Learner.of(all, recipe, null, 5);
                    BatchLoader loader = loader(32)) {
                int step = 0;
                for (Batch batch : loader.epoch(0)) {
                    try (batch) {
                        learner.step(batch, 0.002, step++, Score.NONE);
                    }
                    if (step == 3) {
                        break;
                    }
                }
            }
            return weights(all.get(0));
        } finally {
            models.forEach(Model::close);
        }
    }

    private double memory() throws Exception {
        Recipe recipe = Recipe.of("quick", "mobilenet_v3_small").with(RecipeKey.EMA_DECAY, 0.9);
        try (Model model = Model.newInstance("net", device, "PyTorch");
                BatchLoader loader = loader(quick ? 16 : 128)) {
            Replica replica = replica(model, "fp32", 0.2f);
            long after50 = 0;
            int step = 0;
            int steps = quick ? 60 : 500;
            try (Learner<Batch> learner = Learner.of(List.of(replica), recipe, null, 5)) {
                for (int epoch = 0; step < steps; epoch++) {
                    Score score = Score.NONE;
                    for (Batch batch : loader.epoch(epoch)) {
                        try (batch) {
                            score = learner.step(batch, 0.001, step++, score);
                            if (step % 100 == 25) {
                                score = learner.settle(score);
                                logits(replica, batch);
                            }
                        }
                        if (step == 50) {
                            after50 = used();
                        }
                    }
                    learner.settle(score);
                }
                return (used() - after50) / 1e6;
            }
        }
    }

    private long used() {
        return device.isGpu() ? CudaUtils.getGpuMemory(device).getUsed() : 0;
    }

    // Packages and the command line

    private double criteria() throws Exception {
        Path run = Files.createTempDirectory("gpu-run");
        require(0, "train", "--dataset", "shapes", "--epochs", "1", "--out", run.resolve("a").toString());
        Path best = run.resolve("a/best");
        BufferedImage drawn = new BufferedImage(32, 32, BufferedImage.TYPE_INT_RGB);
        byte[] planar = images.images()[0];
        for (int i = 0; i < 1024; i++) {
            int rgb = (planar[i] & 255) << 16 | (planar[1024 + i] & 255) << 8 | planar[2048 + i] & 255;
            drawn.setRGB(i % 32, i / 32, rgb);
        }
        Image image = ImageFactory.getInstance().fromImage(drawn);
        Map<String, Double> cpu = predict(best, image, Device.cpu());
        Map<String, Double> here = predict(best, image, device);
        PackageNet.open(best, device).close();
        return cpu.keySet().stream()
                .mapToDouble(name -> Math.abs(cpu.get(name) - here.get(name)))
                .max()
                .orElseThrow();
    }

    private static Map<String, Double> predict(Path best, Image image, Device where)
            throws Exception {
        Criteria<Image, Classifications> criteria =
                Criteria.builder()
                        .setTypes(Image.class, Classifications.class)
                        .optGroupId("org.mobilenetv3")
                        .optArtifactId("mobilenet_v3_small")
                        .optArgument("package", best.toString())
                        .optDevice(where)
                        .build();
        try (ZooModel<Image, Classifications> model = criteria.loadModel();
                Predictor<Image, Classifications> predictor = model.newPredictor()) {
            Map<String, Double> all = new TreeMap<>();
            predictor.predict(image).items().forEach(c -> all.put(c.getClassName(), c.getProbability()));
            return all;
        }
    }

    private double outOfMemory() throws Exception {
        Path run = Files.createTempDirectory("gpu-run").resolve("full");
        String[] start = {
            "train", "--dataset", "shapes", "--epochs", "1", "--batch-size", "1024", "--input-size", "96", "--loader-threads", "8", "--out", run.toString()
        };
        long free = CudaUtils.getGpuMemory(device).getMax() - used();
        JniUtils.emptyCudaCache();
        try (NDManager manager = NDManager.newBaseManager(device, "PyTorch")) {
            // All but 600 MB of the device, in pieces.
            long bytes = free - 600_000_000L;
            for (; bytes > 0; bytes -= 1L << 30) {
                manager.zeros(new Shape(Math.min(bytes, 1L << 30)), DataType.INT8);
            }
            sentence(1, "memory", start);
        }
        JniUtils.emptyCudaCache();
        if (!Files.exists(run.resolve("run.json"))) {
            throw new IllegalStateException("the run left no run.json to go on from");
        }
        require(0, "train", "--resume", run.toString(), "--loader-threads", "8");
        return 0;
    }

    private double sentence(int code, String words, String... arguments) {
        String said = require(code, arguments);
        List<String> lines = said.lines().filter(l -> l.startsWith("mobilenetv3: ")).toList();
        if (lines.size() != 1 || !lines.get(0).contains(words)) {
            throw new IllegalStateException("it said: " + said);
        }
        out.println("    " + lines.get(0));
        return 0;
    }

    /** Runs a command in this process and gives what it said on standard error. */
    private String require(int code, String... arguments) {
        String[] all = arguments;
        if (!Stream.of(arguments).anyMatch("--device"::equals)) {
            String name = device.isGpu() ? "gpu0" : "cpu";
            all = Stream.concat(Stream.of(arguments), Stream.of("--device", name)).toArray(String[]::new);
        }
        GpuCommands.Said said = GpuCommands.call(all);
        if (said.code() != code) {
            String last = said.output().lines().reduce("", (a, b) -> b);
            throw new IllegalStateException(
                    "%s gave %d instead of %d: %s %s".formatted(List.of(all), said.code(), code, said.error().strip(), last));
        }
        return said.error();
    }

    // Numbers

    private static Map<String, float[]> weights(Replica replica) {
        Map<String, float[]> all = new TreeMap<>();
        for (Pair<String, Parameter> p : replica.net().getParameters()) {
            all.put(p.getKey(), p.getValue().getArray().toFloatArray());
        }
        return all;
    }

    private static double difference(Map<String, float[]> a, Map<String, float[]> b) {
        return a.keySet().stream()
                .mapToDouble(name -> largest(minus(a.get(name), b.get(name))))
                .max()
                .orElseThrow();
    }

    private static float[] minus(float[] a, float[] b) {
        float[] result = new float[a.length];
        IntStream.range(0, a.length).forEach(i -> result[i] = a[i] - b[i]);
        return result;
    }

    private static double relative(float[] actual, float[] expected) {
        return largest(minus(actual, expected)) / largest(expected);
    }

    /** NaN if one is. */
    private static double largest(float[] values) {
        double largest = 0;
        for (float value : values) {
            largest = Math.abs(value) <= largest ? largest : Math.abs(value);
            if (Float.isNaN(value)) {
                return Double.NaN;
            }
        }
        return largest;
    }

    private static float[] random(Shape shape, int seed) {
        Random random = new Random(seed);
        float[] values = new float[Math.toIntExact(shape.size())];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }
}
