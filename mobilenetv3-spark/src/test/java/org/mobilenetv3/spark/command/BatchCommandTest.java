package org.mobilenetv3.spark.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mobilenetv3.spark.TestSession.spark;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.mobilenetv3.cli.Main;
import org.mobilenetv3.image.Pixels;
import org.mobilenetv3.spark.TestImages;
import org.mobilenetv3.spark.TestNet;
import org.mobilenetv3.spark.TestSession;
import org.mobilenetv3.trained.GraphNet;
import org.mobilenetv3.trained.Prediction;

@DisabledOnOs(value = OS.WINDOWS, disabledReason = "Spark needs Hadoop's winutils there")
@ExtendWith(TestSession.class)
class BatchCommandTest {

    @TempDir private static Path temporary;
    private static Path net;
    private static Path photos;

    /** What the command printed and returned. */
    private record Run(int code, String err) {}

    @BeforeAll
    static void make() throws IOException {
        net = TestNet.save(temporary.resolve("net.safetensors"));
        photos = TestImages.draw(temporary.resolve("photos"), 20);
        TestImages.damage(photos);
        // Of names that Hadoop takes for something else, in a folder below; and what is no image.
        Path below = Files.createDirectories(photos.resolve("below/[1]"));
        Files.move(photos.resolve("photo 007.jpg"), below.resolve("a:b {7}, \"ä\".jpg"));
        Files.writeString(photos.resolve("notes.txt"), "no image");
        Files.createDirectory(photos.resolve(".hidden"));
        Files.copy(photos.resolve("photo 000.jpg"), photos.resolve(".hidden/x.jpg"));
    }

    private static Run batch(Path out, String... more) {
        PrintStream err = System.err;
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        try {
            System.setErr(new PrintStream(printed, true, StandardCharsets.UTF_8));
            String[] first = {"batch", "--weights=" + net, "--out=" + out};
            int code =
                    Main.run(
                            Stream.concat(Stream.of(first), Stream.of(more))
                                    .toArray(String[]::new));
            return new Run(code, printed.toString(StandardCharsets.UTF_8));
        } finally {
            System.setErr(err);
        }
    }

    private static void assertFails(Run run, int code, String message) {
        assertThat(run.err).contains(message).doesNotContain("\tat ");
        assertThat(run.code).isEqualTo(code);
    }

    private static Map<String, Row> byPath(Dataset<Row> answers) {
        Map<String, Row> rows = new TreeMap<>();
        for (Row row : answers.collectAsList()) {
            assertThat(rows.put(row.getAs("path"), row)).as("twice: " + row).isNull();
        }
        return rows;
    }

    private static void assertAsPredict(Map<String, Row> answers) throws IOException {
        assertThat(answers).hasSize(20);
        int errors = 0;
        try (GraphNet expected = GraphNet.open(net, 1)) {
            for (Map.Entry<String, Row> answer : answers.entrySet()) {
                Row row = answer.getValue();
                Pixels image;
                try {
                    image = Pixels.read(Path.of(answer.getKey()));
                } catch (IOException e) {
                    assertThat(row.<String>getAs("error")).isEqualTo(e.getMessage());
                    errors++;
                    continue;
                }
                Prediction best = TestNet.predict(expected, image, 1).get(0);
                assertThat(row.<String>getAs("label")).isEqualTo(best.className());
                assertThat(row.<Float>getAs("probability")).isEqualTo((float) best.probability());
            }
        }
        assertThat(errors).isEqualTo(3);
    }

    @Test
    void answersOfADirectoryAreThoseOfPredict() throws IOException {
        Path out = temporary.resolve("answers");
        Run run = batch(out, "--input", "" + photos, "--top-k=2", "--embedding");
        assertThat(run.code).as(run.err).isZero();
        Dataset<Row> answers = spark().read().parquet("" + out);
        assertThat(answers.columns())
                .containsExactly("path", "label", "probability", "topK", "embedding", "error");
        Map<String, Row> rows = byPath(answers);
        assertAsPredict(rows);
        Row one = rows.get(photos.resolve("photo 000.jpg").toString());
        assertThat(one.getList(3)).hasSize(2);
        assertThat(one.getList(4)).hasSizeGreaterThan(100);
        assertThat(run.err)
                .contains("20 of 20 images")
                .contains("17 answers, 3 errors")
                .contains("1  The image file '...' is empty; copy it again.");
        assertThat(batch(out, "--input", "" + photos, "--top-k=2", "--embedding").err)
                .contains("All images were answered before.")
                .contains("17 answers, 3 errors");
    }

    @Test
    void stoppedAnywhereItDoesWhatIsLeft() throws IOException {
        Path out = temporary.resolve("resumed");
        Run whole = batch(out, "--input", "" + photos, "--chunk=6", "--format=csv");
        assertThat(whole.code).as(whole.err).isZero();
        Map<String, Row> expected = byPath(csv(out));
        assertAsPredict(expected);
        // As if it were killed while it moved the third chunk's answers into their place ...
        Path own = out.resolve("_batch");
        Files.delete(own.resolve("done/000002"));
        try (Stream<Path> files = Files.list(out)) {
            List<Path> parts =
                    files.filter(f -> f.getFileName().toString().startsWith("000002-")).toList();
            assertThat(parts).isNotEmpty();
            Files.delete(parts.get(0));
            Files.writeString(out.resolve("000002-part-left.csv"), "path\nleft\n");
        }
        // ... and had begun the fourth before, which is done again, too.
        Files.delete(own.resolve("done/000003"));
        Files.createDirectories(own.resolve("now"));
        Files.writeString(own.resolve("now/part-x.csv"), "path\nnonsense\n");
        Run again = batch(out, "--input", "" + photos, "--chunk=6", "--format=csv");
        assertThat(again.code).as(again.err).isZero();
        assertThat(again.err).contains("20 of 20 images").doesNotContain("12 of 20");
        assertThat(byPath(csv(out))).isEqualTo(expected);
    }

    private static Dataset<Row> csv(Path out) {
        return AnswerFormat.CSV.read(
                spark(),
                StructType.fromDDL(
                        "path string, label string, probability float, topK string, error string"),
                "" + out);
    }

    @Test
    void patternsFilesAndParquetAreInputToo() throws IOException {
        Path list = temporary.resolve("list.parquet");
        spark().createDataset(
                        List.of("" + photos.resolve("photo 001.jpg"), "/no/such.jpg"),
                        Encoders.STRING())
                .toDF("path")
                .write()
                .parquet("" + list);
        Path out = temporary.resolve("mixed");
        Run run =
                batch(
                        out,
                        "--input",
                        photos + "/photo 01[0-4].jpg",
                        "" + photos.resolve("photo 000.jpg"),
                        "" + list,
                        "--format=json");
        assertThat(run.code).as(run.err).isZero();
        Map<String, Row> rows = byPath(spark().read().json("" + out));
        assertThat(rows).hasSize(8);
        assertThat(rows.get("/no/such.jpg").<String>getAs("error"))
                .isEqualTo("The image file '/no/such.jpg' does not exist; check the path.");
        Path other = temporary.resolve("other.parquet");
        spark().range(3).write().parquet("" + other);
        assertFails(
                batch(temporary.resolve("x"), "--input", "" + other),
                1,
                "has no column 'path' of strings");
    }

    @Test
    void whatCannotBeDoneIsOneSentenceBeforeAnyTask() throws IOException {
        Path out = temporary.resolve("refused");
        Path empty = Files.createDirectory(temporary.resolve("empty"));
        assertFails(batch(out, "--input", "" + empty), 1, "There are no images in " + empty);
        assertFails(batch(out, "--input", "no/such"), 1, "There is nothing at no/such");
        assertThat(out).doesNotExist();
        assertFails(batch(out, "--input", "" + photos, "--weights=no/such"), 2, "--weights");
        assertFails(batch(photos, "--input", "" + photos), 1, "holds no answers of 'batch'");
        assertFails(batch(out, "--input", "" + photos, "--top-k=0"), 2, "--top-k is 0");
        assertFails(
                batch(out, "--input", "" + photos, "--engine=torch"),
                2,
                "is not TorchScript, which alone the engine torch runs on Spark");
        assertThat(out).doesNotExist();
        assertThat(batch(out, "--input", "" + photos).code).isZero();
        assertFails(
                batch(out, "--input", "" + photos, "--top-k=4"),
                1,
                out + " holds answers to another --top-k; give --out a new directory");
    }
}
