package org.mobilenetv3.spark.command;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.replace;

import java.io.IOException;
import java.util.List;
import java.util.Locale;
import org.apache.spark.SparkStageInfo;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;
import org.mobilenetv3.cli.ConsoleProgress;
import org.mobilenetv3.spark.MobileNetV3Transformer;

/** One run of the command: lists the images, answers chunk after chunk, counts the errors. */
final class Batch {

    private static final int CHUNK_PER_CORE = 5_000;
    private static final int LARGEST_CHUNK = 500_000;
    private static final int PARTITIONS_PER_CORE = 4;

    /** So many that a task's start does not count. */
    private static final int FEWEST_OF_TASK = 64;

    private static final int KINDS = 20;
    private static final long LOOK_MILLIS = 500;

    private final SparkSession spark;
    private final JavaSparkContext context;
    private final MobileNetV3Transformer stage;
    private final BatchSettings settings;
    private final String out;
    private final Integer chunk;

    Batch(
            SparkSession spark,
            MobileNetV3Transformer stage,
            BatchSettings settings,
            String out,
            Integer chunk) {
        this.spark = spark;
        this.context = JavaSparkContext.fromSparkContext(spark.sparkContext());
        this.stage = stage;
        this.settings = settings;
        this.out = out;
        this.chunk = chunk;
    }

    /**
     * Runs.
     *
     * @throws IOException in one sentence, if there are no images, or answers cannot be written
     */
    void run() throws IOException {
        StructType schema = answers(List.of()).schema(); // refuses a net before anything is written
        BatchDirectory directory =
                BatchDirectory.open(out, settings, context.hadoopConfiguration());
        if (!directory.isListed()) {
            int cores = context.defaultParallelism();
            int size = Math.min(LARGEST_CHUNK, CHUNK_PER_CORE * cores);
            ImageList.write(spark, directory, settings, chunk == null ? size : chunk);
        }
        answerAll(directory);
        summarize(directory, schema);
    }

    private Dataset<Row> answers(List<String> paths) {
        int most = PARTITIONS_PER_CORE * context.defaultParallelism();
        int partitions = Math.max(1, Math.min(most, paths.size() / FEWEST_OF_TASK));
        Dataset<Row> rows =
                spark.createDataset(context.parallelize(paths, partitions).rdd(), Encoders.STRING())
                        .toDF("path");
        return settings.format().columns(stage.transform(rows), settings.embedding());
    }

    private void answerAll(BatchDirectory directory) throws IOException {
        long images = directory.images();
        long size = directory.chunk();
        long computed = 0;
        long start = System.nanoTime();
        try (ConsoleProgress progress = new ConsoleProgress()) {
            for (int i = 0; i * size < images; i++) {
                if (directory.isDone(i)) {
                    continue;
                }
                List<String> paths = directory.paths(i);
                String staging = directory.staging();
                try (Watch watch = new Watch(progress, i * size, paths.size(), images)) {
                    watch.start();
                    settings.format().write(answers(paths), staging);
                }
                directory.keep(i, staging);
                computed += paths.size();
                progress.message(rate(i * size + paths.size(), images, computed, start));
            }
        }
        if (computed == 0) {
            System.err.println("All images were answered before.");
        }
    }

    private static String rate(long done, long images, long computed, long start) {
        double seconds = (System.nanoTime() - start) / 1e9;
        return String.format(
                Locale.ROOT,
                "%,d of %,d images, %.0f images/s",
                done,
                images,
                computed / Math.max(seconds, 1e-3));
    }

    /** Shows how far a chunk is. */
    private final class Watch implements AutoCloseable {
        private final ConsoleProgress progress;
        private final long before;
        private final long size;
        private final long images;
        private final Thread thread = new Thread(this::look, "mobilenetv3-progress");

        Watch(ConsoleProgress progress, long before, long size, long images) {
            this.progress = progress;
            this.before = before;
            this.size = size;
            this.images = images;
            thread.setDaemon(true);
        }

        void start() {
            thread.start();
        }

        private void look() {
            try {
                while (true) {
                    Thread.sleep(LOOK_MILLIS);
                    for (int id : context.statusTracker().getActiveStageIds()) {
                        SparkStageInfo info = context.statusTracker().getStageInfo(id);
                        if (info != null && info.numTasks() > 0) {
                            long done = size * info.numCompletedTasks() / info.numTasks();
                            progress.show("classify", before + done, images, " images", 1);
                        }
                    }
                }
            } catch (InterruptedException e) {
                return;
            }
        }

        @Override
        public void close() {
            thread.interrupt();
            try {
                thread.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private void summarize(BatchDirectory directory, StructType schema) throws IOException {
        Dataset<Row> all =
                settings.format().read(spark, schema, directory.toString()).select("path", "error");
        Row counts = all.agg(count(lit(1)), count(col("error"))).head();
        long rows = counts.getLong(0);
        long errors = counts.getLong(1);
        if (rows != directory.images()) {
            throw new IOException(
                    String.format(
                            Locale.ROOT,
                            "%s holds %d answers to %d images; it was changed, so delete it and begin again.",
                            directory,
                            rows,
                            directory.images()));
        }
        System.err.printf("%,d answers, %,d errors: %s%n", rows - errors, errors, directory);
        if (errors > 0) {
            all.where(col("error").isNotNull())
                    .select(replace(col("error"), col("path"), lit("...")).as("kind"))
                    .groupBy("kind")
                    .agg(count(lit(1)).as("images"))
                    .orderBy(col("images").desc(), col("kind"))
                    .limit(KINDS)
                    .collectAsList()
                    .forEach(
                            kind ->
                                    System.err.printf(
                                            "%,8d  %s%n", kind.getLong(1), kind.getString(0)));
        }
    }
}
