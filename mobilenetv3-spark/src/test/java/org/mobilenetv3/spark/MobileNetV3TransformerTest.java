package org.mobilenetv3.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.mobilenetv3.spark.TestSession.spark;

import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.ml.Pipeline;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.ml.feature.SQLTransformer;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.streaming.StreamingQuery;
import org.apache.spark.sql.types.Metadata;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.mobilenetv3.graph.Graph;
import org.mobilenetv3.graph.Node;
import org.mobilenetv3.graph.Op;
import org.mobilenetv3.image.Pixels;
import org.mobilenetv3.trained.GraphNet;
import org.mobilenetv3.trained.InferenceGraph;
import org.mobilenetv3.trained.NetEngine;
import org.mobilenetv3.trained.Prediction;

@DisabledOnOs(value = OS.WINDOWS, disabledReason = "Spark needs Hadoop's winutils there")
@ExtendWith(TestSession.class)
class MobileNetV3TransformerTest {

    @TempDir private static Path temporary;
    private static Path net;
    private static Path photos;

    @BeforeAll
    static void make() throws IOException {
        net = TestNet.save(temporary.resolve("net.safetensors"));
        photos = TestImages.draw(temporary.resolve("photos"), 20);
        TestImages.damage(photos);
    }

    private static MobileNetV3Transformer stage() {
        return new MobileNetV3Transformer().setWeights("" + net).setBatchSize(3);
    }

    private static Dataset<Row> files() {
        return spark().read().format("binaryFile").load("" + photos);
    }

    private static Dataset<Row> paths() throws IOException {
        try (var found = Files.list(photos)) {
            List<String> names = found.map(Path::toString).sorted().toList();
            return spark().createDataset(names, Encoders.STRING()).toDF("photo").repartition(3);
        }
    }

    /** Answers by the name of the file. */
    private static Map<String, Row> byName(Dataset<Row> answers, String path) {
        Map<String, Row> rows = new TreeMap<>();
        for (Row row : answers.collectAsList()) {
            String place = row.getAs(path);
            Row before =
                    rows.put(
                            place.substring(place.lastIndexOf('/') + 1).replace("%20", " "),
                            row.getAs("prediction"));
            assertThat(before).as("twice: " + place).isNull();
        }
        return rows;
    }

    /** What predict answers, or the beginning of what it complains of. */
    private static void assertAsPredict(Map<String, Row> answers, int errors) throws IOException {
        assertThat(answers).hasSize(17 + errors);
        try (GraphNet expected = GraphNet.open(net, 1)) {
            for (Map.Entry<String, Row> answer : answers.entrySet()) {
                Row row = answer.getValue();
                Pixels image;
                try {
                    image = Pixels.read(photos.resolve(answer.getKey()));
                } catch (IOException e) {
                    assertThat(row.<String>getAs("error"))
                            .contains(answer.getKey())
                            .endsWith(e.getMessage().substring(e.getMessage().indexOf(".jpg'")));
                    assertThat(row.isNullAt(0) && row.isNullAt(1) && row.isNullAt(2)).isTrue();
                    continue;
                }
                List<Prediction> best = TestNet.predict(expected, image, 3);
                assertThat(row.<String>getAs("error")).isNull();
                assertThat(row.<String>getAs("label")).isEqualTo(best.get(0).className());
                assertThat(row.<Float>getAs("probability"))
                        .isEqualTo((float) best.get(0).probability());
                List<String> top = new ArrayList<>();
                row.<Row>getList(2).forEach(one -> top.add(one.getString(0) + one.getFloat(1)));
                assertThat(top)
                        .isEqualTo(
                                best.stream()
                                        .map(one -> one.className() + (float) one.probability())
                                        .toList());
            }
        }
        assertThat(answers.values().stream().filter(row -> row.getAs("error") != null))
                .hasSize(errors);
    }

    @Test
    void answersAreThoseOfPredictBitForBit() throws IOException {
        // Spark's binaryFile leaves out empty files.
        assertAsPredict(byName(stage().transform(files()), "path"), 2);
        assertAsPredict(byName(stage().setInputCol("photo").transform(paths()), "photo"), 3);
    }

    @Test
    void sparksImageStructIsReadToo() throws IOException {
        Dataset<Row> images =
                spark().read().format("image").option("dropInvalid", true).load("" + photos);
        Dataset<Row> answers =
                stage().setInputCol("image")
                        .transform(images)
                        .selectExpr("image.origin as path", "prediction");
        Map<String, Row> rows = byName(answers, "path");
        assertThat(rows).hasSizeGreaterThanOrEqualTo(17);
        try (GraphNet expected = GraphNet.open(net, 1)) {
            String name = "photo 000.jpg";
            Pixels image = Pixels.read(photos.resolve(name));
            assertThat(rows.get(name).<Float>getAs("probability"))
                    .isEqualTo((float) TestNet.predict(expected, image, 1).get(0).probability());
        }
    }

    @Test
    void theEmbeddingIsWhatTheLastLayerReads() throws IOException {
        Map<String, Row> plain = byName(stage().transform(files()), "path");
        Map<String, Row> answers = byName(stage().setEmbedding(true).transform(files()), "path");
        InferenceGraph graph = InferenceGraph.open(net, null);
        Node last =
                graph.graph().nodes().stream()
                        .filter(node -> node.op() instanceof Op.Linear)
                        .reduce((first, second) -> second)
                        .orElseThrow();
        List<Node> before = graph.graph().nodes();
        Graph trunk =
                new Graph(
                        graph.graph().input(),
                        last.input(),
                        before.subList(0, before.indexOf(last)));
        try (var runner = NetEngine.requireVector().open(trunk, 1)) {
            for (Map.Entry<String, Row> answer : answers.entrySet()) {
                Row row = answer.getValue();
                Row without = plain.get(answer.getKey());
                assertThat(row.<Float>getAs("probability"))
                        .isEqualTo(without.<Float>getAs("probability"));
                if (row.getAs("error") != null) {
                    assertThat(row.<Vector>getAs("embedding")).isNull();
                    continue;
                }
                Pixels image = Pixels.read(photos.resolve(answer.getKey()));
                float[] input = graph.description().input(image);
                float[] expected = runner.run(FloatBuffer.wrap(input), new Shape(1, 3, 64, 64));
                double[] embedding = row.<Vector>getAs("embedding").toArray();
                assertThat(embedding).hasSameSizeAs(expected);
                for (int i = 0; i < embedding.length; i++) {
                    assertThat((float) embedding[i]).isEqualTo(expected[i]);
                }
            }
        }
    }

    @Test
    void theColumnsMetadataHoldTheClassesOnce() {
        Dataset<Row> answers = stage().transform(files());
        Metadata metadata = answers.schema().apply("prediction").metadata();
        assertThat(metadata.getMetadata("ml_attr").getStringArray("vals"))
                .containsExactlyElementsOf(TestNet.CLASSES);
    }

    @Test
    void aPipelineIsSavedAndLoadedAndAnswersTheSame() throws IOException {
        PipelineModel pipeline =
                new Pipeline()
                        .setStages(
                                new PipelineStage[] {
                                    stage().setTopK(2).setOutputCol("seen"),
                                    new SQLTransformer()
                                            .setStatement(
                                                    "SELECT path, seen AS prediction FROM __THIS__")
                                })
                        .fit(files());
        Path saved = temporary.resolve("pipeline");
        pipeline.write().overwrite().save("" + saved);
        PipelineModel loaded = PipelineModel.load("" + saved);
        Map<String, Row> expected = byName(pipeline.transform(files()), "path");
        assertThat(byName(loaded.transform(files()), "path")).isEqualTo(expected);
        assertThat(expected.get("photo 000.jpg").getList(2)).hasSize(2);

        Path alone = temporary.resolve("stage");
        stage().setTopK(4).save("" + alone);
        MobileNetV3Transformer stage = MobileNetV3Transformer.load("" + alone);
        assertThat(stage.getOrDefault(stage.topK())).isEqualTo(4);
        assertThat(stage.getOrDefault(stage.weights())).isEqualTo("" + net);
    }

    @Test
    void columnsAndParametersAreCheckedBeforeAnyTask() throws IOException {
        Dataset<Row> files = files();
        assertThatThrownBy(() -> stage().setInputCol("picture").transform(files))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "There is no column 'picture' of images; the data set has path, modificationTime, length, content (set inputCol).");
        assertThatThrownBy(() -> stage().setInputCol("length").transform(files))
                .hasMessageStartingWith("The column 'length' is of type bigint; images are binary");
        assertThatThrownBy(() -> stage().setOutputCol("path").transform(files))
                .hasMessageStartingWith("The data set has a column 'path' already");
        assertThatThrownBy(() -> stage().setEngine("tpu").transform(files))
                .hasMessage(
                        "There is no engine 'tpu'; there are [auto, vector, onnxruntime, torch].");
        assertThatThrownBy(() -> stage().setEngine("torch").transform(files))
                .hasMessageContaining("is not TorchScript, which alone the engine torch runs");
        assertThatThrownBy(() -> stage().setWeights("no/such").transform(files))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(
                        "There is no model package or file of weights at no/such, nor are there published weights of that name");
        assertThatThrownBy(() -> new MobileNetV3Transformer().transform(files))
                .hasMessageStartingWith("The stage has no weights");
        Path segments = TestNet.saveSegmenting(temporary.resolve("segments.safetensors"));
        assertThatThrownBy(() -> stage().setWeights("" + segments).transform(files))
                .hasMessageContaining("takes nets that classify, but lraspp_small_w0.35 segments.");
        assertThatThrownBy(() -> stage().setTopK(0))
                .hasMessageContaining("parameter topK given invalid value 0");
    }

    @Test
    void anExportedFileIsRunByItsOwnRuntime() throws IOException {
        InferenceGraph graph = InferenceGraph.open(net, null);
        Path onnx = temporary.resolve("net.onnx");
        Files.write(
                onnx,
                org.mobilenetv3.export.OnnxWriter.write(
                        graph.graph(), graph.description().toMetadata()));
        Map<String, Row> expected = byName(stage().transform(files()), "path");
        Map<String, Row> answers =
                byName(
                        stage().setWeights("" + onnx).setEngine("onnxruntime").transform(files()),
                        "path");
        for (String name : expected.keySet()) {
            assertThat(answers.get(name).<String>getAs("label"))
                    .isEqualTo(expected.get(name).<String>getAs("label"));
        }
        assertThatThrownBy(
                        () ->
                                stage().setWeights("" + onnx)
                                        .setEngine("onnxruntime")
                                        .setEmbedding(true)
                                        .transform(files()))
                .hasMessageContaining("gives no embedding but logits only");
    }

    @Test
    void eightTasksShareOneNetAndGiveItBack() throws IOException {
        Path other = TestNet.save(temporary.resolve("other.safetensors"));
        int before = SharedNets.OF_JVM.opened();
        MobileNetV3Transformer stage =
                stage().setWeights("" + other).setEmbedding(true).setInputCol("photo");
        Dataset<Row> answers = stage.transform(paths().repartition(8));
        assertThat(answers.rdd().getNumPartitions()).isEqualTo(8);
        assertThat(answers.count()).isEqualTo(20);
        assertThat(answers.filter("prediction.error is null").count()).isEqualTo(17);
        assertThat(SharedNets.OF_JVM.opened() - before).isLessThanOrEqualTo(1);
        // A task that stops in the middle gives it back, too.
        assertThat(answers.limit(1).collectAsList()).hasSize(1);
        assertThat(SharedNets.OF_JVM.users()).isZero();
    }

    @Test
    void aStreamOfFilesIsAnswered() throws Exception {
        Path incoming = Files.createDirectory(temporary.resolve("incoming"));
        Path answered = temporary.resolve("answered");
        Dataset<Row> stream =
                spark().readStream()
                        .format("binaryFile")
                        .schema(files().schema())
                        .load("" + incoming);
        StreamingQuery query =
                stage().transform(stream)
                        .select("path", "prediction.label", "prediction.error")
                        .writeStream()
                        .format("parquet")
                        .option("checkpointLocation", "" + temporary.resolve("checkpoint"))
                        .start("" + answered);
        try {
            for (int i = 0; i < 6; i++) {
                String name = "photo 00" + i + ".jpg";
                Files.copy(photos.resolve(name), incoming.resolve(name));
                if (i % 3 == 2) {
                    query.processAllAvailable();
                    assertThat(spark().read().parquet("" + answered).count())
                            .isEqualTo(i == 2 ? 3 : 5); // not the empty one
                }
            }
        } finally {
            query.stop();
        }
        assertThat(spark().read().parquet("" + answered).filter("error is not null").count())
                .isEqualTo(2);
    }
}
