package org.mobilenetv3.spark.command;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.mobilenetv3.cli.EngineOption;
import org.mobilenetv3.cli.WeightsOption;
import org.mobilenetv3.spark.MobileNetV3Transformer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Classifies many images on Spark. */
@Command(
        name = "batch",
        description =
                "Classify many images on Spark, by default in this process: a row each in Parquet, CSV"
                        + " or JSON, with an error where an image cannot be read. Run again after it was"
                        + " stopped, it does what is left.",
        footer = {
            "%nExamples:",
            "  mobilenetv3 batch --weights large --input photos --out answers",
            "  mobilenetv3 batch --weights runs/NAME/best --input 'photos/2026-*/*.jpg' --out answers --format csv",
            "  mobilenetv3 batch --weights small --input paths.parquet --out answers --embedding",
            "  mobilenetv3 batch --weights small --input hdfs:///photos --out hdfs:///answers --master spark://HOST:7077"
        })
final class BatchCommand implements Callable<Integer> {

    @Mixin private WeightsOption weights;
    @Mixin private EngineOption engine;

    @Option(
            names = "--input",
            required = true,
            arity = "1..*",
            paramLabel = "INPUT",
            description =
                    "Directories, which are searched with all below them, patterns such as 'photos/*.jpg',"
                            + " image files, and Parquet files with a column 'path'.")
    private List<String> input;

    @Option(
            names = "--out",
            required = true,
            paramLabel = "DIR",
            description = "Where the answers are written; new, or of the same command before.")
    private String out;

    @Option(
            names = "--format",
            description = "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).",
            defaultValue = "parquet")
    private AnswerFormat format;

    @Option(
            names = "--master",
            paramLabel = "URL",
            description = "Spark's master (default: ${DEFAULT-VALUE}, all cores of this host).",
            defaultValue = "local[*]")
    private String master;

    @Option(
            names = "--conf",
            paramLabel = "KEY=VALUE",
            description = "A setting of Spark's; may be repeated.")
    private Map<String, String> conf = new LinkedHashMap<>();

    @Option(
            names = "--top-k",
            paramLabel = "K",
            description = "Classes of an answer (default: ${DEFAULT-VALUE}).",
            defaultValue = "3")
    private int topK;

    @Option(names = "--embedding", description = "Write what the net's last layer reads, too.")
    private boolean embedding;

    @Option(
            names = "--batch-size",
            paramLabel = "N",
            description = "Images computed together (default: ${DEFAULT-VALUE}).",
            defaultValue = "32")
    private int batchSize;

    @Option(
            names = "--chunk",
            paramLabel = "N",
            description =
                    "Images after which answers are kept for good (default: 5,000 for each core).")
    private Integer chunk;

    @Override
    public Integer call() throws IOException {
        SparkSessions.quiet();
        requirePositive("--top-k", topK);
        requirePositive("--batch-size", batchSize);
        requirePositive("--chunk", chunk == null ? 1 : chunk);
        Path net = weights.locate();
        MobileNetV3Transformer stage =
                new MobileNetV3Transformer()
                        .setWeights("" + net)
                        .setEngine("" + engine.engine())
                        .setTopK(topK)
                        .setEmbedding(embedding)
                        .setBatchSize(batchSize)
                        .setInputCol("path");
        BatchSettings settings = BatchSettings.of(net, stage, format, input);
        try (SparkSessions session = new SparkSessions("batch", master, conf)) {
            new Batch(session.spark(), stage, settings, out, chunk).run();
            return 0;
        }
    }

    private static void requirePositive(String option, int value) {
        if (value < 1) {
            throw new IllegalArgumentException(
                    option + " is " + value + " but must be at least 1.");
        }
    }
}
