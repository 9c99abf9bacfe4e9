package org.mobilenetv3.spark; // to see SharedNets' counters

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.mobilenetv3.cli.Main;

/**
 * Memory of the stage in one JVM, which is driver and executor. Run by bench/spark.py.
 *
 * <pre>
 * SparkMemory partitions WEIGHTS IMAGES ENGINE   nets opened and memory over 50 partitions
 * SparkMemory growth WEIGHTS OUT IMAGES...       'batch' of more and more images
 * </pre>
 */
public final class SparkMemory {

    private static final int PARTITIONS = 50;
    private static final int ROUNDS = 3;

    private SparkMemory() {}

    public static void main(String[] args) throws Exception {
        if (args[0].equals("growth")) {
            for (int i = 3; i < args.length; i++) {
                grow(args[1], args[2] + "-" + i, args[i]);
            }
            return;
        }
        List<String> paths;
        try (Stream<Path> files = Files.walk(Path.of(args[2]))) {
            paths = files.filter(Files::isRegularFile).map(Path::toString).sorted().toList();
        }
        for (int round = 1; round <= ROUNDS; round++) {
            System.out.printf("%s, session %d: before %s%n", args[3], round, memory());
            classify(args[1], args[3], paths);
            // What no task has used for a minute is closed.
            TimeUnit.SECONDS.sleep(63);
            System.out.printf(
                    "%s, session %d: closed, and a minute later %s%n", args[3], round, memory());
        }
    }

    private static void classify(String weights, String engine, List<String> paths) {
        SparkSession spark =
                SparkSession.builder()
                        .master("local[2]")
                        .config("spark.ui.enabled", false)
                        .config("spark.driver.host", "127.0.0.1")
                        .config("spark.driver.bindAddress", "127.0.0.1")
                        .getOrCreate();
        spark.sparkContext().setLogLevel("ERROR");
        spark.sparkContext().addSparkListener(new Watch());
        Dataset<Row> rows =
                spark.createDataset(paths, Encoders.STRING()).toDF("path").repartition(PARTITIONS);
        MobileNetV3Transformer stage =
                new MobileNetV3Transformer()
                        .setWeights(weights)
                        .setEngine(engine)
                        .setInputCol("path");
        stage.transform(rows).write().format("noop").mode("overwrite").save();
        spark.stop();
    }

    /** Looks at the memory after every tenth partition. */
    private static final class Watch extends SparkListener {
        private int done;

        @Override
        public void onTaskEnd(SparkListenerTaskEnd end) {
            if (end.taskType().equals("ResultTask") && ++done % 10 == 0) {
                System.out.printf("  %d partitions: %s%n", done, memory());
            }
        }
    }

    private static String memory() {
        System.gc();
        Runtime jvm = Runtime.getRuntime();
        return String.format(
                Locale.ROOT,
                "%d nets opened, %d open; heap %d MB, process %d MB",
                SharedNets.OF_JVM.opened(),
                SharedNets.OF_JVM.open(),
                (jvm.totalMemory() - jvm.freeMemory()) >> 20,
                status("VmRSS") >> 10);
    }

    private static long status(String name) {
        try (Stream<String> lines = Files.lines(Path.of("/proc/self/status"))) {
            String line = lines.filter(l -> l.startsWith(name)).findFirst().orElseThrow();
            return Long.parseLong(line.replaceAll("\\D", ""));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void grow(String weights, String out, String images) throws IOException {
        Files.writeString(Path.of("/proc/self/clear_refs"), "5"); // VmHWM begins anew
        int code = Main.run("batch", "--weights=" + weights, "--input=" + images, "--out=" + out);
        if (code != 0) {
            System.exit(code);
        }
        System.out.printf("%s: %s, at most %d MB%n", images, memory(), status("VmHWM") >> 10);
    }
}
