package org.mobilenetv3.train.search;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mobilenetv3.Architecture;
import org.mobilenetv3.MobileNetV3;
import org.mobilenetv3.cli.ArchOption;
import org.mobilenetv3.elastic.Subnet;
import org.mobilenetv3.format.Tensor;
import org.mobilenetv3.image.Normalization;
import org.mobilenetv3.preprocessing.Preprocessing;
import org.mobilenetv3.pruning.Pruning;
import org.mobilenetv3.runtime.TorchRuntime;
import org.mobilenetv3.train.TrainingRun.Compute;
import org.mobilenetv3.train.cost.Cost;
import org.mobilenetv3.train.run.RecordedWeights;
import org.mobilenetv3.trained.ElasticPackage;
import org.mobilenetv3.trained.ModelPackage;
import org.mobilenetv3.trained.NetDescription;
import org.mobilenetv3.trained.PackageNet;

class SearchTest {

    private static final PrintStream SILENT = new PrintStream(OutputStream.nullOutputStream());

    /** Less than the largest net costs. */
    private static final double LIMIT = 450e3;

    @TempDir private Path temporary;

    @BeforeAll
    static void start() {
        TorchRuntime.start();
    }

    private static Optional<SearchResult> search(Path directory, BooleanSupplier stop)
            throws IOException {
        return search(directory, null, stop);
    }

    private static Optional<SearchResult> search(
            Path directory, RecordedWeights weights, BooleanSupplier stop) throws IOException {
        SearchSettings settings;
        if (Files.exists(directory)) {
            settings = SearchSettings.read(directory);
        } else {
            settings = TestSearch.settings(LIMIT, weights);
            settings.write(directory);
        }
        Compute compute = new Compute(List.of(Device.cpu()), 1, 1, Duration.ofMinutes(10));
        try (Cost cost = settings.limit().cost((missing, units, share) -> {})) {
            return new Search(settings, directory, TestSearch.DATA, cost, compute, SILENT)
                    .run(stop);
        }
    }

    /** Candidates without the time they took. */
    private static String candidates(Path directory) throws IOException {
        return Files.readAllLines(directory.resolve("candidates.jsonl")).stream()
                .map(line -> line.replaceAll(",\"seconds\":[^}]*", ""))
                .collect(Collectors.joining("\n"));
    }

    private static byte[] parameters(Path directory, String net) throws IOException {
        Path tuned = directory.resolve("tuned").resolve("best");
        return Files.readAllBytes(tuned.resolve(net + "-0000.params"));
    }

    /** Stopped in every stage, several times; what is left behind is not tidied up. */
    @Test
    void aSearchThatIsStoppedAgainAndAgainFindsTheSameNet() throws IOException {
        Path whole = temporary.resolve("whole");
        SearchResult found = search(whole, () -> false).orElseThrow();
        assertThat(found.winner().cost()).isLessThanOrEqualTo(LIMIT);
        assertThat(found.scored()).hasSize(13);

        Path stopped = temporary.resolve("stopped");
        Optional<SearchResult> end = Optional.empty();
        int stops = 0;
        while (end.isEmpty()) {
            int[] left = {2 + stops % 3};
            end = search(stopped, () -> --left[0] < 0);
            stops++;
        }
        assertThat(stops).isGreaterThan(5);
        assertThat(candidates(stopped)).isEqualTo(candidates(whole));
        String name = found.architecture().name();
        assertThat(parameters(stopped, name)).isEqualTo(parameters(whole, name));
    }

    /** A net of the space, but for other classes and larger images. */
    private RecordedWeights trained() throws IOException {
        Path weights = temporary.resolve("trained");
        Architecture net = TestSearch.net().withClasses(3).withStemStride(2);
        Normalization normalization = Normalization.uniform(3, 0.5f, 0.5f);
        try (Model model = Model.newInstance(net.name(), Device.cpu(), "PyTorch")) {
            MobileNetV3 block = MobileNetV3.of(net, normalization);
            model.setBlock(block);
            block.initialize(model.getNDManager(), DataType.FLOAT32, new Shape(1, 3, 32, 32));
            ModelPackage.save(
                    weights,
                    model,
                    new NetDescription(
                            net,
                            new Preprocessing(32, 32, normalization),
                            true,
                            List.of("a", "b", "c"),
                            Map.of("metrics", "old")),
                    ModelPackage.Extra.NONE);
        }
        return RecordedWeights.of(weights);
    }

    /** With the weights of the trained net, in its place. */
    private static void assertLargestBeganAs(Path directory) throws IOException {
        SearchSettings settings = SearchSettings.read(directory);
        Path widened = directory.resolve("widened");
        try (PackageNet whole = PackageNet.open(widened, Device.cpu());
                PackageNet trained =
                        PackageNet.open(Path.of(settings.weights().path()), Device.cpu())) {
            assertThat(whole.description().architecture().blocks())
                    .isEqualTo(settings.space().whole().blocks());
            assertThat(whole.description().provenance())
                    .doesNotContainKey("metrics")
                    .containsEntry("widened", settings.weights().path());
            Map<String, Tensor> weights = Pruning.tensors(trained);
            Subnet place = Widening.place(trained.description().architecture(), settings.space());
            place.extract(Pruning.tensors(whole), Map.of())
                    .forEach(
                            (name, tensor) -> {
                                try {
                                    assertThat(tensor.floats())
                                            .as(name)
                                            .isEqualTo(weights.get(name).floats());
                                } catch (IOException e) {
                                    throw new UncheckedIOException(e);
                                }
                            });
        }
    }

    @Test
    void theWinnerIsAPackageAndAnArchitectureLikeAnyOther() throws IOException {
        Path directory = temporary.resolve("search");
        SearchResult found = search(directory, trained(), () -> false).orElseThrow();
        assertLargestBeganAs(directory);
        try (Cost cost = Cost.multiplyAdds(32, 32)) {
            new SearchReport(found, cost, List.of(), null).write(directory, SILENT, false);
        }
        Architecture read =
                ArchOption.read(directory.resolve("architecture.json").toString(), null);
        assertThat(read.blocks()).isEqualTo(found.architecture().blocks());
        Path best = Search.tuned(directory).best();
        assertThat(ModelPackage.read(best).description().architecture().blocks())
                .isEqualTo(read.blocks());
        assertThat(Files.readString(directory.resolve("report.html")))
                .contains("The winner", "<svg", "core hours");

        ElasticPackage elastic = ElasticPackage.read(directory.resolve("elastic"));
        assertThat(elastic.nets()).hasSizeGreaterThan(1);
        assertThat(elastic.nets())
                .allSatisfy(net -> assertThat(net.top1()).isPresent())
                .extracting(ElasticPackage.Net::multiplyAdds)
                .contains((long) found.winner().cost());

        // Scored as what is saved: the winner's package before it learned on.
        try (PackageNet winner = PackageNet.open(directory.resolve("winner"), Device.cpu())) {
            int correct = 0;
            var images = TestSearch.DATA.validation();
            for (int i = 0; i < images.size(); i++) {
                float[] input = winner.description().input(images.image(i));
                float[] logits = winner.logits(FloatBuffer.wrap(input), new Shape(1, 3, 32, 32));
                int best1 = 0;
                for (int c = 1; c < logits.length; c++) {
                    best1 = logits[c] > logits[best1] ? c : best1;
                }
                correct += best1 == images.labels()[i] ? 1 : 0;
            }
            assertThat(correct / 60.0).isEqualTo(found.winner().top1());
        }
    }
}
