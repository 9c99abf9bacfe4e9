import ai.djl.ndarray.types.Shape;
import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.mobilenetv3.image.Pixels;
import org.mobilenetv3.preprocessing.Preprocessing;
import org.mobilenetv3.spark.MobileNetV3Transformer;
import org.mobilenetv3.trained.GraphNet;
import org.mobilenetv3.trained.NetDescription;
import org.mobilenetv3.trained.Prediction;
import org.mobilenetv3.trained.TrainedNet;

/**
 * Images per second of four ways to classify the same files in one JVM, in turns: threads that share
 * a net and compute batches of 32, without Spark; the stage on a column of paths; the stage on
 * Spark's binaryFile; and the naive way, which opens a net in each partition and predicts row by
 * row. Run by bench/spark.py.
 */
public final class SparkSpeed {

    private static final int BATCH = 32;

    private SparkSpeed() {}

    public static void main(String[] args) throws Exception {
        String weights = args[0];
        int cores = Integer.parseInt(args[2]);
        int rounds = Integer.parseInt(args[3]);
        List<String> paths;
        try (Stream<Path> files = Files.walk(Path.of(args[1]))) {
            paths = files.filter(Files::isRegularFile).map(Path::toString).sorted().toList();
        }
        SparkSession spark =
                SparkSession.builder()
                        .master("local[" + cores + "]")
                        .config("spark.ui.enabled", false)
                        .config("spark.driver.host", "127.0.0.1")
                        .config("spark.driver.bindAddress", "127.0.0.1")
                        .getOrCreate();
        spark.sparkContext().setLogLevel("ERROR");
        JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
        Dataset<Row> list =
                spark.createDataset(context.parallelize(paths, 4 * cores).rdd(), Encoders.STRING())
                        .toDF("path");
        MobileNetV3Transformer stage = new MobileNetV3Transformer().setWeights(weights);
        Dataset<Row> binary =
                spark.read()
                        .format("binaryFile")
                        .option("recursiveFileLookup", true)
                        .load(args[1])
                        .select("content");
        List<String> names = List.of("in process", "stage, paths", "stage, binaryFile", "naive");
        List<Callable<Object>> ways =
                List.of(
                        () -> inProcess(weights, paths, cores),
                        () -> drain(stage.setInputCol("path").transform(list)),
                        () -> drain(stage.setInputCol("content").transform(binary)),
                        () -> drain(naive(list, weights)));
        double[][] rates = new double[ways.size()][rounds];
        double[][] costs = new double[ways.size()][rounds];
        OperatingSystemMXBean host =
                (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        for (int round = -1; round < rounds; round++) { // the first is to warm up
            for (int i = 0; i < ways.size(); i++) {
                long begin = System.nanoTime();
                long cpu = host.getProcessCpuTime();
                ways.get(i).call();
                double rate = paths.size() / ((System.nanoTime() - begin) / 1e9);
                if (round >= 0) {
                    rates[i][round] = rate;
                    costs[i][round] = (host.getProcessCpuTime() - cpu) / 1e6 / paths.size();
                }
            }
        }
        for (int i = 0; i < ways.size(); i++) {
            Arrays.sort(rates[i]);
            Arrays.sort(costs[i]);
            System.out.printf(
                    Locale.ROOT,
                    "%d cores, %-18s %6.1f images/s (%.1f to %.1f), %.2f of in process; %.2f ms of processor time each%n",
                    cores,
                    names.get(i),
                    rates[i][rounds / 2],
                    rates[i][0],
                    rates[i][rounds - 1],
                    rates[i][rounds / 2] / rates[0][rounds / 2],
                    costs[i][rounds / 2]);
        }
        spark.stop();
    }

    private static Object drain(Dataset<Row> answers) {
        answers.write().format("noop").mode("overwrite").save();
        return answers;
    }

    private static Object inProcess(String weights, List<String> paths, int cores)
            throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(cores);
        AtomicInteger next = new AtomicInteger();
        try (TrainedNet net = GraphNet.open(Path.of(weights), 1)) {
            List<Future<?>> all = new ArrayList<>();
            for (int i = 0; i < cores; i++) {
                all.add(
                        threads.submit(
                                () -> {
                                    for (int from = next.getAndAdd(BATCH);
                                            from < paths.size();
                                            from = next.getAndAdd(BATCH)) {
                                        int to = Math.min(from + BATCH, paths.size());
                                        classify(net, paths.subList(from, to));
                                    }
                                    return null;
                                }));
            }
            for (Future<?> one : all) {
                one.get();
            }
        } finally {
            threads.shutdown();
        }
        return next;
    }

    private static void classify(TrainedNet net, List<String> paths) throws Exception {
        NetDescription about = net.description();
        Preprocessing input = about.preprocessing();
        int size = input.channels() * input.height() * input.width();
        float[] images = new float[paths.size() * size];
        int count = 0;
        for (String path : paths) {
            try {
                float[] image = about.input(Pixels.read(Path.of(path)));
                System.arraycopy(image, 0, images, count++ * size, size);
            } catch (java.io.IOException e) {
                continue;
            }
        }
        if (count == 0) {
            return;
        }
        Shape shape = new Shape(count, input.channels(), input.height(), input.width());
        float[] logits = net.logits(FloatBuffer.wrap(images, 0, count * size), shape);
        int classes = logits.length / count;
        for (int i = 0; i < count; i++) {
            Prediction.top(
                    Arrays.copyOfRange(logits, i * classes, (i + 1) * classes),
                    about.classes(),
                    3);
        }
    }

    private static Dataset<Row> naive(Dataset<Row> list, String weights) {
        MapPartitionsFunction<Row, String> way =
                rows -> {
                    List<String> labels = new ArrayList<>();
                    try (TrainedNet net = GraphNet.open(Path.of(weights), 1)) {
                        for (Iterator<Row> it = rows; it.hasNext(); ) {
                            labels.add(label(net, it.next().getString(0)));
                        }
                    }
                    return labels.iterator();
                };
        return list.mapPartitions(way, Encoders.STRING()).toDF("label");
    }

    private static String label(TrainedNet net, String path) {
        try {
            NetDescription about = net.description();
            Preprocessing input = about.preprocessing();
            Shape shape = new Shape(1, input.channels(), input.height(), input.width());
            float[] image = about.input(Pixels.read(Path.of(path)));
            float[] logits = net.logits(FloatBuffer.wrap(image), shape);
            return Prediction.top(logits, about.classes(), 3).get(0).className();
        } catch (java.io.IOException e) {
            return e.getMessage();
        }
    }
}
