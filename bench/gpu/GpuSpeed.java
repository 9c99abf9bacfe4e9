import ai.djl.Device;
import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.training.ParameterStore;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.mobilenetv3.MobileNetV3;
import org.mobilenetv3.MobileNetV3.Execution;

import org.mobilenetv3.runtime.TorchRuntime;
import org.mobilenetv3.train.Learner;
import org.mobilenetv3.train.Replica;
import org.mobilenetv3.train.data.Batch;
import org.mobilenetv3.train.data.BatchLoader;
import org.mobilenetv3.train.data.ImageSet;
import org.mobilenetv3.train.recipe.Recipe;
import org.mobilenetv3.train.recipe.RecipeKey;
import org.mobilenetv3.train.run.Score;

/** Our side of bench/gpu/speed.py, which describes what is said on standard input and output. */
class GpuSpeed {

    private static final double RATE = 0.001;

    /** Something that is measured: takes a number of steps and ends with the GPU's work. */
    private interface Contestant {
        void run(int steps) throws Exception;
    }

    private record Prepared(Contestant contestant, Deque<AutoCloseable> opened, long parameters) {}

    private final Map<String, Prepared> prepared = new HashMap<>();

    public static void main(String[] args) throws IOException {
        PrintStream answers = System.out;
        System.setOut(System.err);
        TorchRuntime.start();
        GpuSpeed speed = new GpuSpeed();
        BufferedReader requests =
                new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = requests.readLine(); line != null; line = requests.readLine()) {
            JsonObject request = JsonParser.parseString(line).getAsJsonObject();
            if (request.has("quit")) {
                break;
            }
            JsonObject answer = new JsonObject();
            try {
                speed.answer(request, answer);
            } catch (Exception | LinkageError e) {
                e.printStackTrace();
                answer = new JsonObject();
                answer.addProperty("error", String.valueOf(e).lines().findFirst().orElse(""));
            }
            answers.println(answer);
            answers.flush();
        }
    }

    private void answer(JsonObject request, JsonObject answer) throws Exception {
        if (request.has("prepare")) {
            Prepared made = prepare(request.getAsJsonObject("prepare"));
            prepared.put(request.get("id").getAsString(), made);
            answer.addProperty("ready", true);
            answer.addProperty("parameters", made.parameters);
        } else if (request.has("close")) {
            Deque<AutoCloseable> opened = prepared.remove(request.get("close").getAsString()).opened;
            while (!opened.isEmpty()) {
                opened.pop().close();
            }
            JniUtils.emptyCudaCache();
            answer.addProperty("closed", true);
        } else {
            int steps = request.get("run").getAsInt();
            Contestant contestant = prepared.get(request.get("id").getAsString()).contestant;
            long start = System.nanoTime();
            contestant.run(steps);
            answer.addProperty("ms", (System.nanoTime() - start) / 1e6 / steps);
        }
    }

    private static Prepared prepare(JsonObject work) throws Exception {
        Deque<AutoCloseable> opened = new ArrayDeque<>();
        Device device =
                "cpu".equals(work.get("device").getAsString()) ? Device.cpu() : Device.gpu(0);
        int classes = work.get("classes").getAsInt();
        MobileNetV3 net =
                MobileNetV3.builder("mobilenet_v3_" + work.get("model").getAsString())
                        .optClasses(classes)
                        .build();
        String precision = work.get("precision").getAsString();
        net.setExecution(
                "fp32".equals(precision)
                        ? Execution.COMPILED
                        : Execution.valueOf(precision.toUpperCase(Locale.ROOT)));
        boolean graph = work.get("graph").getAsBoolean();
        System.setProperty("mobilenetv3.cudaGraph", Boolean.toString(graph));
        Model model = Model.newInstance("net", device, "PyTorch");
        opened.push(model);
        int batch = work.get("batch").getAsInt();
        int pixels = work.get("size").getAsInt();
        Contestant contestant =
                switch (work.get("mode").getAsString()) {
                    case "train" -> training(opened, model, net, work, noise(batch, pixels, classes));
                    // As many images as CIFAR-10 has batches of 128.
                    case "epoch" ->
                            epoch(opened, model, net, work, noise(390 * batch, pixels, classes));
                    default -> inference(model, net, batch, pixels);
                };
        long parameters =
                net.getParameters().values().stream()
                        .filter(p -> p.requiresGradient())
                        .mapToLong(p -> p.getArray().size())
                        .sum();
        return new Prepared(contestant, opened, parameters);
    }

    private static Learner<Batch> learner(
            Deque<AutoCloseable> opened, Model model, MobileNetV3 net, JsonObject work)
            throws IOException {
        int pixels = work.get("size").getAsInt();
        // As published and as the article trains: Adam, no decay.
        Recipe recipe =
                Recipe.of("article", "mobilenet_v3_large")
                        .with(RecipeKey.BATCH_SIZE, work.get("batch").getAsInt());
        Replica replica = Replica.of(model, net, new Shape(1, 3, pixels, pixels), 0, null);
        Learner<Batch> learner = Learner.of(List.of(replica), recipe, null, 0);
        opened.push(learner);
        return learner;
    }

    /** The same batch again and again, in host memory. */
    private static Contestant training(
            Deque<AutoCloseable> opened,
            Model model,
            MobileNetV3 net,
            JsonObject work,
            ImageSet images)
            throws IOException {
        Learner<Batch> learner = learner(opened, model, net, work);
        BatchLoader loader =
                BatchLoader.builder().setSet(images).setBatchSize(images.size()).build();
        opened.push(loader);
        Batch batch = loader.epoch(0).iterator().next();
        opened.push(batch);
        return steps -> {
            Score score = Score.NONE;
            for (int i = 0; i < steps; i++) {
                score = learner.step(batch, RATE, i, score);
            }
            requireFinite(learner.settle(score));
        };
    }

    /** The training loop's own: shuffled, cropped and flipped by as many threads as there are. */
    private static Contestant epoch(
            Deque<AutoCloseable> opened,
            Model model,
            MobileNetV3 net,
            JsonObject work,
            ImageSet images)
            throws IOException {
        Learner<Batch> learner = learner(opened, model, net, work);
        Recipe recipe = Recipe.of("cifar10-200", "mobilenet_v3_large");
        int threads = Math.max(1, Runtime.getRuntime().availableProcessors() / 2);
        BatchLoader loader =
                BatchLoader.builder()
                        .setSet(images)
                        .setBatchSize(work.get("batch").getAsInt())
                        .optAugmentation(recipe.augmentation())
                        .optShuffle(true)
                        .optThreads(threads)
                        .build();
        opened.push(loader);
        int[] epoch = {0};
        return steps -> {
            Score score = Score.NONE;
            int done = 0;
            while (done < steps) {
                Iterator<Batch> batches = loader.epoch(epoch[0]++).iterator();
                while (batches.hasNext() && done < steps) {
                    try (Batch batch = batches.next()) {
                        score = learner.step(batch, RATE, done++, score);
                    }
                }
            }
            requireFinite(learner.settle(score));
        };
    }

    private static void requireFinite(Score score) {
        if (!Double.isFinite(score.loss())) {
            throw new IllegalStateException("The loss became " + score.loss() + ".");
        }
    }

    private static Contestant inference(Model model, MobileNetV3 net, int batch, int pixels)
            throws Exception {
        JniUtils.setGradMode(false);
        NDManager manager = model.getNDManager();
        Shape shape = new Shape(batch, 3, pixels, pixels);
        net.initialize(manager, DataType.FLOAT32, shape);
        NDList input = new NDList(manager.randomNormal(0, 1, shape, DataType.FLOAT32));
        ParameterStore store = new ParameterStore(manager, false);
        Contestant contestant = steps -> {
            for (int i = 0; i < steps; i++) {
                try (NDArray logits = net.forward(store, input, false).singletonOrThrow()) {
                    if (!Float.isFinite(logits.toFloatArray()[0])) {
                        throw new IllegalStateException("The first logit is no number.");
                    }
                }
            }
        };
        contestant.run(1); // whether it records is settled at the first call
        return contestant;
    }

    private static ImageSet noise(int count, int pixels, int classes) {
        Random random = new Random(0);
        byte[][] images = new byte[count][3 * pixels * pixels];
        for (byte[] image : images) {
            random.nextBytes(image);
        }
        return new ImageSet(
                "noise",
                IntStream.range(0, classes).mapToObj(Integer::toString).toList(),
                3,
                pixels,
                pixels,
                images,
                random.ints(count, 0, classes).toArray());
    }
}
