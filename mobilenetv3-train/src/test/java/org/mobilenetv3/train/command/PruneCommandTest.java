package org.mobilenetv3.train.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mobilenetv3.train.command.CommandsTest.run;

import ai.djl.Device;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.awt.Color;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mobilenetv3.export.ExportFormat;
import org.mobilenetv3.export.Exporter;
import org.mobilenetv3.train.command.CommandsTest.Result;
import org.mobilenetv3.train.pruning.NetAdapt;
import org.mobilenetv3.train.pruning.PruningSettings;
import org.mobilenetv3.trained.ModelPackage;
import org.mobilenetv3.trained.NetDescription;
import org.mobilenetv3.trained.PackageNet;

/** Pruning as a user meets it: a net that tells three colors apart gets smaller. */
class PruneCommandTest {

    @TempDir private static Path shared;
    @TempDir private Path temporary;

    private static Path data;
    private static Path weights;

    @BeforeAll
    static void train() throws IOException {
        data = shared.resolve("colors");
        FinetuneCommandTest.fill(
                data, Map.of("red", Color.RED, "blue", Color.BLUE, "green", Color.GREEN), 20);
        Path out = shared.resolve("run");
        Result trained =
                run(
                        "train",
                        "--dataset=folder",
                        "--data=" + data,
                        "--input-size=32",
                        "--width=0.35",
                        "--epochs=1",
                        "--batch-size=8",
                        "--out=" + out);
        assertThat(trained.code()).as(trained.err()).isZero();
        weights = out.resolve("best");
    }

    @Test
    void channelsAreRankedOnAPageInAFileAndAsJson() throws IOException {
        Path page = temporary.resolve("pages/ranks.html");
        Result ranked = importance("--data=" + data, "--out=" + page);
        assertThat(ranked.code()).as(ranked.err()).isZero();
        assertThat(ranked.out())
                .contains("block", "bn-scale", "taylor", "features.11", page.toString());
        assertThat(Files.readString(page)).contains("Importance by taylor", "features.11");
        List<String> lines = Files.readAllLines(temporary.resolve("pages/ranks.csv"));
        assertThat(lines.get(0)).isEqualTo("block,channel,random,l1,l2,bn-scale,taylor");
        assertThat(lines).anyMatch(line -> line.matches("features\\.4,0(,[0-9.E-]+){5}"));
        // A linear layer without batch norm has no scale.
        assertThat(lines)
                .anyMatch(line -> line.matches("classifier\\.0,0(,[0-9.E-]+){3},,[0-9.E-]+"));

        JsonObject json = json(importance("--out=" + page, "--json"));
        JsonObject first = json.getAsJsonArray("groups").get(0).getAsJsonObject();
        assertThat(first.getAsJsonArray("l1")).hasSize(first.get("channels").getAsInt());
        assertThat(first.has("taylor")).isFalse();
    }

    @Test
    void aPrunedPackageLearnsOnInTrainAndFinetune() throws IOException {
        Path out = temporary.resolve("half");
        JsonObject json = json(prune("--keep=0.5", "--multiple=4", "--out=" + out, "--json"));
        assertThat(json.get("difference").getAsDouble()).isBetween(0.0, 1e-5);
        Path pruned = out.resolve("pruned");
        assertThat(json.get("package").getAsString()).isEqualTo(pruned.toString());
        NetDescription description = ModelPackage.read(pruned).description();
        assertThat(description.architecture().name()).endsWith("_pruned");
        assertThat(description.provenance().get("pruned")).asString().contains("by=l1", "keep=0.5");
        assertThat(Files.readString(out.resolve("report.html"))).contains("features.4", "by l1");

        Path again = temporary.resolve("again");
        Result trained =
                run(
                        "train",
                        "--weights=" + pruned,
                        "--dataset=folder",
                        "--data=" + data,
                        "--input-size=32",
                        "--recipe=prune",
                        "--epochs=1",
                        "--batch-size=8",
                        "--out=" + again);
        assertThat(trained.code()).as(trained.err()).isZero();
        assertThat(ModelPackage.read(again.resolve("best")).description().architecture())
                .isEqualTo(description.architecture());
        Path tuned = temporary.resolve("tuned");
        Result finetuned =
                run(
                        "finetune",
                        "--weights=" + pruned,
                        "--data=" + data,
                        "--epochs=1",
                        "--head-epochs=0",
                        "--out=" + tuned);
        assertThat(finetuned.code()).as(finetuned.err()).isZero();
        assertThat(ModelPackage.read(tuned.resolve("best")).description().architecture())
                .isEqualTo(description.architecture());
    }

    @Test
    void aBudgetOfMultiplyAddsIsKeptWithImagesByTheLoss() throws IOException {
        Path out = temporary.resolve("budget");
        JsonObject json =
                json(
                        prune(
                                "--macs=0.4M",
                                "--data=" + data,
                                "--images=64",
                                "--out=" + out,
                                "--json"));
        assertThat(json.get("multiplyAdds").getAsDouble()).isBetween(3e5, 4e5);
        assertThat(
                        ModelPackage.read(out.resolve("pruned"))
                                .description()
                                .provenance()
                                .get("pruned"))
                .asString()
                .contains("by=taylor");
    }

    /** Killed anywhere, it goes on to the same bits. */
    @Test
    void stepsGoOnWhereTheyWereStopped() throws IOException {
        Path whole = temporary.resolve("whole");
        Result steps = prune(steps(whole));
        assertThat(steps.code()).as(steps.err()).isZero();
        assertThat(steps.out())
                .contains("step 1/2  ")
                .contains("step 2/2  ")
                .contains("Package: " + whole.resolve("pruned"));
        assertThat(Files.readString(whole.resolve("report.html"))).contains("Proposals", "» ");

        PruningSettings settings = PruningSettings.read(whole);
        Path directory = Files.createDirectory(temporary.resolve("stopped"));
        settings.write(directory);
        int[] batches = {0};
        assertThat(
                        new NetAdapt(
                                        settings,
                                        directory,
                                        images(),
                                        settings.cost(fit(), (missing, units, share) -> {}),
                                        Device.cpu(),
                                        System.err)
                                .run(() -> batches[0]++ == 13))
                .isEmpty();
        // What a crash leaves.
        Files.createDirectories(directory.resolve("steps/01.candidates/features.12.cut"));
        Result resumed = run("prune", "--resume=" + directory, "--offline");
        assertThat(resumed.code()).as(resumed.err()).isZero();
        assertSame(directory, whole);
        assertThat(directory.resolve("steps/01.candidates")).doesNotExist();
    }

    private static void assertSame(Path directory, Path whole) throws IOException {
        for (String folder : List.of("steps/01", "steps/02", "pruned")) {
            try (Stream<Path> files = Files.list(whole.resolve(folder))) {
                Path parameters =
                        files.filter(f -> f.toString().endsWith(".params"))
                                .findFirst()
                                .orElseThrow();
                assertThat(directory.resolve(folder).resolve(parameters.getFileName()))
                        .hasSameBinaryContentAs(parameters);
            }
        }
        for (String file : List.of("steps/01.json", "steps/02.json")) {
            assertThat(directory.resolve(file)).hasSameTextualContentAs(whole.resolve(file));
        }
    }

    private static org.mobilenetv3.preprocessing.Fit fit() throws IOException {
        return ModelPackage.read(weights).description().preprocessing().fit();
    }

    private static org.mobilenetv3.train.data.Splits images() throws IOException {
        return DataOptions.read("folder", data, fit(), 3, true, 1);
    }

    @Test
    void whatIsThereAlreadyIsNotReplaced() throws IOException {
        Path out = temporary.resolve("there");
        assertThat(prune("--keep=0.5", "--by=random", "--out=" + out).code()).isZero();
        Path parameters = out.resolve("pruned/mobilenet_v3_small_w0.35_pruned-0000.params");
        byte[] before = Files.readAllBytes(parameters);
        fails(prune("--keep=0.9", "--out=" + out), 1, out + " is there already");
        assertThat(parameters).hasBinaryContent(before);
        try (PackageNet net = PackageNet.open(out.resolve("pruned"), Device.cpu())) {
            assertThat(net.description().classes()).containsExactly("blue", "green", "red");
        }
    }

    @Test
    void whatCannotWorkIsSaidInOneSentence() throws IOException {
        fails(run("prune", "--keep=0.5"), 2, "prune needs --weights");
        fails(prune(), 2, "one of --keep, --macs and --latency-ms");
        fails(prune("--keep=0.5", "--macs=1M"), 2, "one of --keep, --macs and --latency-ms");
        fails(prune("--keep=1.5"), 2, "must be above 0 and at most 1");
        fails(prune("--macs=lots"), 2, "'lots' is no number such as 60M");
        fails(prune("--macs=1"), 2, "can be cut to");
        fails(prune("--macs=1G"), 2, "leaves nothing to remove");
        String table = "--table=" + temporary.resolve("table.json");
        fails(prune("--latency-ms=1e6", "--threads=1", table), 2, "leaves nothing to remove");
        fails(prune("--latency-ms=1e-6", "--threads=1", table), 2, "can be cut to");
        assertThat(temporary.resolve("table.json"))
                .content()
                .contains("\"units\"", "\"expanded\": 32");
        fails(prune("--keep=0.5", "--by=taylor"), 2, "--by taylor needs labeled images");
        fails(prune("--keep=0.5", "--by=best"), 2, "There is no criterion 'best'");
        fails(prune("--keep=0.5", "--multiple=0"), 2, "give 1 to 1024");
        fails(prune("--macs=0.4M", "--steps=2"), 2, "--steps needs labeled images");
        fails(
                prune("--keep=0.5", "--steps=2", "--data=" + data),
                2,
                "--steps needs --macs or --latency-ms");
        fails(prune("--macs=0.4M", "--steps=0", "--data=" + data), 2, "--steps must be 1 to 99");
        fails(prune("--macs=0.4M", "--dataset=shapes"), 1, "has 10 classes (");
        Path out = temporary.resolve("diverged");
        fails(prune(and(steps(out), "--lr=1e30")), 1, "All short trainings of step 1 diverged");
        fails(run("prune", "--resume=" + data), 1, "is no run of prune --steps");
        fails(run("prune", "--resume=" + data, "--keep=0.5"), 2, "leave out --keep");
    }

    @Test
    void optionsThatWouldChangeNothingAreRefused() throws IOException {
        String images = "--data=" + data;
        fails(
                prune("--keep=0.5", "--lr=1"),
                2,
                "--lr has no effect without --steps; leave it out.");
        fails(prune("--keep=0.5", "--epochs-per-step=1"), 2, "--epochs-per-step has no effect");
        fails(prune("--keep=0.5", "--table=t"), 2, "--table has no effect without --latency-ms");
        fails(prune("--keep=0.5", "--by=l1", images), 2, "--data has no effect on --by l1");
        fails(prune("--keep=0.5", "--images=9"), 2, "--images has no effect on --by l1");
        fails(prune("--keep=0.5", "--multiple=1000"), 2, "Nothing would be removed by l1");
        fails(importance("--out=" + temporary.resolve("x.csv")), 2, "--out is the page");
    }

    /** Folded into the weights, batch norm has no scale, and batches no statistics of the net. */
    @Test
    void foldedBatchNormIsNotJudgedBy() throws IOException {
        Path onnx = temporary.resolve("net.onnx");
        new Exporter(ExportFormat.ONNX, false, false).export(weights, onnx);
        Path out = temporary.resolve("folded");
        for (Path net : List.of(onnx, out.resolve("pruned"))) {
            Result byScale = run("prune", "--weights=" + net, "--keep=0.5", "--by=bn-scale");
            fails(byScale, 2, "Nothing would be removed by bn-scale");
            Result byLoss = run("prune", "--weights=" + net, "--keep=0.5", "--data=" + data);
            fails(byLoss, 2, "Batch norm was folded into the weights");
            if (net == onnx) {
                Result half = run("prune", "--weights=" + net, "--keep=0.5", "--out=" + out);
                assertThat(half.code()).as(half.err()).isZero();
            }
        }
    }

    @Test
    void damagedStepsAndOtherWeightsAreNoticed() throws IOException {
        Path start = temporary.resolve("start");
        try (PackageNet net = PackageNet.open(weights, Device.cpu())) {
            net.save(start);
        }
        Path out = temporary.resolve("damaged");
        Result done = run(with("prune", start, steps(out)));
        assertThat(done.code()).as(done.err()).isZero();
        Path file = out.resolve("steps/02.json");
        Path net = out.resolve("steps/02");
        String step = Files.readString(file);
        for (String broken : List.of("{", "{}", "")) {
            Files.writeString(file, broken);
            fails(run("prune", "--resume=" + out), 1, file + " cannot be read: it is damaged");
        }
        Files.writeString(file, step);
        ModelPackage.delete(net);
        fails(run("prune", "--resume=" + out), 1, net + " is gone; delete " + file);
        Files.delete(file);
        Files.createDirectories(net.resolve("stale"));
        Result again = run("prune", "--resume=" + out);
        assertThat(again.code()).as(again.err()).isZero();
        assertThat(file).hasContent(step.strip());
        assertThat(net.resolve("stale")).doesNotExist();

        try (PackageNet other = PackageNet.open(net, Device.cpu())) {
            ModelPackage.delete(start);
            other.save(start);
        }
        fails(run("prune", "--resume=" + out), 1, "has changed since the run began");
    }

    @Test
    void latencyIsOfTheNetThatIsAskedFor() throws IOException {
        String table = "--table=" + temporary.resolve("table.json");
        String[] of = {"latency", "--weights=" + weights, "--threads=1", table, "--json"};
        JsonArray layers = json(run(of)).getAsJsonArray("layers");
        JsonArray wide = json(run(and(of, "--stem-stride=2"))).getAsJsonArray("layers");
        // The input of the last layer of all.
        assertThat(last(layers)).contains("x2x2");
        assertThat(last(wide)).contains("x1x1");
        fails(
                run("latency", "--threads=1", "--table=" + temporary),
                1,
                temporary + " is a directory");
    }

    private static String last(JsonArray layers) {
        JsonObject layer = layers.get(layers.size() - 1).getAsJsonObject();
        return layer.get("input").getAsString();
    }

    private static void fails(Result result, int code, String sentence) {
        assertThat(result.err()).contains(sentence);
        assertThat(result.code()).as(result.err()).isEqualTo(code);
    }

    private static String[] steps(Path out) {
        return new String[] {
            "--macs=0.95M",
            "--steps=2",
            "--multiple=64",
            "--epochs-per-step=0.5",
            "--by=l1",
            "--batch-size=8",
            "--data=" + data,
            "--out=" + out
        };
    }

    private static String[] and(String[] args, String more) {
        return Stream.concat(Stream.of(args), Stream.of(more)).toArray(String[]::new);
    }

    private static Result importance(String... args) {
        return run(with("importance", args));
    }

    private static Result prune(String... args) {
        return run(with("prune", args));
    }

    private static String[] with(String command, String... args) {
        return with(command, weights, args);
    }

    private static String[] with(String command, Path net, String... args) {
        List<String> all = new ArrayList<>(List.of(command, "--weights=" + net));
        all.addAll(List.of(args));
        return all.toArray(String[]::new);
    }

    private static JsonObject json(Result result) {
        assertThat(result.code()).as(result.err()).isZero();
        return JsonParser.parseString(result.out()).getAsJsonObject();
    }
}
