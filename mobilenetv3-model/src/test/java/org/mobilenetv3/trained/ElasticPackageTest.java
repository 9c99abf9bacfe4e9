package org.mobilenetv3.trained;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.modality.Classifications;
import ai.djl.modality.cv.Image;
import ai.djl.modality.cv.ImageFactory;
import ai.djl.ndarray.types.Shape;
import ai.djl.repository.zoo.Criteria;
import ai.djl.repository.zoo.ZooModel;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mobilenetv3.Architecture;
import org.mobilenetv3.Presets;
import org.mobilenetv3.elastic.Subnet;
import org.mobilenetv3.format.Tensor;
import org.mobilenetv3.graph.Weight;
import org.mobilenetv3.io.AtomicDirectory;
import org.mobilenetv3.nn.BlockSpec;
import org.mobilenetv3.nn.InvertedResidual;
import org.mobilenetv3.preprocessing.Fit;
import org.mobilenetv3.preprocessing.Preprocessing;
import org.mobilenetv3.pretrained.WeightsLocator;
import org.mobilenetv3.pruning.Pruning;
import org.mobilenetv3.pruning.RandomNets;
import org.mobilenetv3.runtime.TorchRuntime;
import org.mobilenetv3.zoo.PackageModel;

class ElasticPackageTest {

    private static final Architecture WHOLE =
            Presets.of("mobilenet_v3_small", 0.5).withClasses(4).withName("mobilenet_v3_small");

    @TempDir private Path temporary;
    private Path whole;

    /** The parts alone, saved as packages of their own. */
    private final Map<String, Path> alone = new LinkedHashMap<>();

    @BeforeEach
    void save() throws IOException {
        TorchRuntime.start();
        whole = temporary.resolve("elastic");
        try (PackageNet net = RandomNets.of(WHOLE, 64)) {
            List<ElasticPackage.Part> parts =
                    List.of(
                            part(net, "narrow", 2, List.of(), 64, 0.5),
                            part(net, "short", 1, List.of(4, 5), 48, 0.75));
            ModelPackage saved = ElasticPackage.save(whole, net, parts);
            assertThat(saved.subnet()).isNull();
        }
    }

    /** A net whose expansions are a part of the larger net's, and which lacks some blocks. */
    private static Subnet subnet(String name, int share, List<Integer> leftOut) {
        List<BlockSpec> rows = new ArrayList<>();
        List<Integer> which = new ArrayList<>();
        for (int i = 0; i < WHOLE.blocks().size(); i++) {
            InvertedResidual.Spec row = (InvertedResidual.Spec) WHOLE.blocks().get(i);
            if (!leftOut.contains(i)) {
                rows.add(
                        new InvertedResidual.Spec(
                                row.kernel(),
                                row.expand() ? row.expanded() / share : row.expanded(),
                                row.out(),
                                row.squeeze() / share,
                                false,
                                row.activation(),
                                row.rowStride(),
                                row.columnStride(),
                                1,
                                row.expand(),
                                row.residual()));
                which.add(i);
            }
        }
        return new Subnet(WHOLE, WHOLE.withBlocks(rows).withName(name), which);
    }

    private ElasticPackage.Part part(
            PackageNet net, String name, int share, List<Integer> leftOut, int size, double top1)
            throws IOException {
        Subnet subnet = subnet(name, share, leftOut);
        Map<String, Tensor> weights = Pruning.tensors(net);
        Map<String, Tensor> own = new LinkedHashMap<>();
        for (Map.Entry<String, Tensor> entry : subnet.extract(weights, Map.of()).entrySet()) {
            float[] values = entry.getValue().floats().clone();
            if (entry.getKey().endsWith("running_mean")) { // not those of the larger net
                for (int i = 0; i < values.length; i++) {
                    values[i] += 0.01f * share;
                }
            }
            own.put(entry.getKey(), Tensor.of(entry.getValue().shape(), values));
        }
        NetDescription description =
                new NetDescription(
                        subnet.part(),
                        new Preprocessing(
                                new Fit.CenterCrop(size, size),
                                net.description().preprocessing().normalization()),
                        true,
                        net.description().classes(),
                        Map.of("elastic", Map.of("top1", top1, "images", 5000)));
        alone.put(name, temporary.resolve(name));
        try (PackageNet extracted = Pruning.open(description, own, Device.cpu())) {
            extracted.save(alone.get(name));
        }
        return ElasticPackage.Part.of(name, subnet, own, description);
    }

    private Path place(String name) {
        return whole.resolve("subnets").resolve(name);
    }

    private static float[] logits(Path path) throws IOException {
        try (PackageNet net = PackageNet.open(path, Device.cpu())) {
            Preprocessing input = net.description().preprocessing();
            Shape shape = new Shape(2, 3, input.height(), input.width());
            float[] images = new float[Math.toIntExact(shape.size())];
            Random random = new Random(3);
            for (int i = 0; i < images.length; i++) {
                images[i] = random.nextFloat();
            }
            return net.logits(FloatBuffer.wrap(images), shape);
        }
    }

    private static Map<String, float[]> weights(Path path) throws IOException {
        Map<String, float[]> values = new LinkedHashMap<>();
        for (Weight weight : InferenceGraph.open(path, null).graph().weights()) {
            values.put(weight.name(), weight.values().get());
        }
        return values;
    }

    @Test
    void aSubnetAnswersAsTheSameNetSavedAlone() throws IOException {
        for (String name : alone.keySet()) {
            assertThat(logits(place(name))).isEqualTo(logits(alone.get(name)));
            Map<String, float[]> own = weights(place(name));
            Map<String, float[]> expected = weights(alone.get(name));
            assertThat(own.keySet()).isEqualTo(expected.keySet());
            own.forEach((key, values) -> assertThat(values).isEqualTo(expected.get(key)));
        }
        assertThat(logits(place("narrow"))).isNotEqualTo(logits(whole));
    }

    @Test
    void anOpenedSubnetIsSavedAsAPackageOfItsOwn() throws IOException {
        Path copy = temporary.resolve("copy");
        try (PackageNet net = PackageNet.open(place("narrow"), Device.cpu())) {
            assertThat(net.save(copy).subnet()).isNull();
        }
        assertThat(logits(copy)).isEqualTo(logits(alone.get("narrow")));
        AtomicDirectory.delete(copy);
        try (WeightsNet net = WeightsNet.open(place("narrow"), null, 1)) {
            net.save(copy);
        }
        assertThat(logits(copy)).isEqualTo(logits(alone.get("narrow")));
        assertThat(copy.resolve("subnets")).doesNotExist();
    }

    @Test
    void allNetsAreListedCheapestFirst() throws IOException {
        ElasticPackage found = ElasticPackage.read(whole);
        assertThat(found.nets())
                .extracting(ElasticPackage.Net::name)
                .containsExactly("narrow", "short", "whole");
        assertThat(found.nets())
                .isSortedAccordingTo((a, b) -> Long.compare(a.multiplyAdds(), b.multiplyAdds()));
        assertThat(found.get("short").top1()).hasValue(0.75);
        assertThat(found.get("whole").top1()).isEmpty();
        assertThat(found.get("whole").path()).isEqualTo(whole);
        assertThat(found.byAccuracy())
                .extracting(ElasticPackage.Net::name)
                .containsExactly("short", "narrow", "whole");
        assertThatThrownBy(() -> found.get("none"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("has no subnet 'none'; it has narrow (")
                .hasMessageContaining("M multiply-adds), short (");
        assertThat(ElasticPackage.read(alone.get("short")).nets()).hasSize(1);
        assertThatThrownBy(() -> ElasticPackage.read(alone.get("short"), "--subnet"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("has no subnets, so --subnet has nothing to choose");
        assertThatThrownBy(() -> ElasticPackage.read(place("short")))
                .hasMessageContaining("is a subnet itself");
    }

    @Test
    void oneIsFoundThoughAnotherIsDamaged() throws IOException {
        Files.delete(place("short").resolve("model.json"));
        assertThat(ElasticPackage.locate(whole, "narrow", "--subnet")).isEqualTo(place("narrow"));
        assertThat(ElasticPackage.locate(whole, "whole", "--subnet")).isEqualTo(whole);
    }

    @Test
    void aZipHoldsSubnetsToo() throws IOException {
        Path zip = temporary.resolve("elastic.zip");
        zip(whole, zip);
        Path narrow = zip.resolve("subnets").resolve("narrow");
        assertThat(WeightsLocator.isPath("" + narrow)).isTrue();
        assertThat(logits(narrow)).isEqualTo(logits(alone.get("narrow")));
        assertThat(ElasticPackage.read(zip).get("narrow").path()).isEqualTo(narrow);
        assertThat(ModelPackage.find(narrow).parametersSha256())
                .isEqualTo(ModelPackage.find(place("narrow")).parametersSha256())
                .isNotEqualTo(ModelPackage.find(zip).parametersSha256());
        assertThatThrownBy(() -> ModelPackage.find(zip.resolve("subnets").resolve("none")))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("There is no model package");
    }

    static void zip(Path directory, Path zip) throws IOException {
        try (OutputStream file = Files.newOutputStream(zip);
                ZipOutputStream out = new ZipOutputStream(file);
                Stream<Path> files = Files.walk(directory)) {
            for (Path one : files.filter(Files::isRegularFile).toList()) {
                out.putNextEntry(
                        new ZipEntry(directory.relativize(one).toString().replace('\\', '/')));
                Files.copy(one, out);
            }
        }
    }

    @Test
    void theZooOpensThem() throws Exception {
        Image image = ImageFactory.getInstance().fromImage(new BufferedImage(64, 64, 1));
        Classifications expected;
        try (ZooModel<Image, Classifications> model =
                        PackageModel.open(alone.get("narrow"), Device.cpu());
                var predictor = model.newPredictor()) {
            expected = predictor.predict(image);
        }
        Criteria.Builder<Image, Classifications> criteria =
                Criteria.builder()
                        .setTypes(Image.class, Classifications.class)
                        .optGroupId("org.mobilenetv3")
                        .optArtifactId("mobilenet_v3_small")
                        .optDevice(Device.cpu());
        List<ZooModel<Image, Classifications>> models =
                List.of(
                        PackageModel.open(place("narrow"), Device.cpu()),
                        criteria.optArgument("package", "" + place("narrow")).build().loadModel(),
                        criteria.optArgument("package", "" + whole)
                                .optArgument("subnet", "narrow")
                                .build()
                                .loadModel());
        try (ZooModel<Image, Classifications> model = PackageModel.open(whole, Device.cpu());
                var predictor = model.newPredictor()) {
            assertThat(predictor.predict(image).getProbabilities())
                    .isNotEqualTo(expected.getProbabilities());
        }
        for (ZooModel<Image, Classifications> model : models) {
            try (model;
                    var predictor = model.newPredictor()) {
                assertThat(predictor.predict(image).getProbabilities())
                        .isEqualTo(expected.getProbabilities());
            }
        }
    }

    @Test
    void whatIsDamagedMissingOrMovedIsOneSentence() throws IOException {
        Path moved = temporary.resolve("moved");
        Files.move(place("short"), moved);
        assertRefused(moved, "opens only in its larger net's package, as PACKAGE/subnets/NAME.");
        // Into another larger net's package.
        Path other = temporary.resolve("other");
        try (PackageNet net = RandomNets.of(WHOLE.withDropout(0.1f), 64)) {
            Map<String, Tensor> tensors = Pruning.tensors(net);
            tensors.put("classifier.3.bias", Tensor.of(new Shape(4), new float[] {1, 2, 3, 4}));
            try (PackageNet changed = Pruning.open(net.description(), tensors, Device.cpu())) {
                changed.save(other);
            }
        }
        Files.createDirectories(other.resolve("subnets"));
        Files.move(moved, other.resolve("subnets").resolve("short"));
        assertRefused(other.resolve("subnets").resolve("short"), "is a subnet of another net than");

        Path statistics = place("narrow").resolve("statistics.safetensors");
        byte[] bytes = Files.readAllBytes(statistics);
        bytes[bytes.length - 1] ^= 1;
        Files.write(statistics, bytes);
        assertRefused(place("narrow"), "statistics.safetensors is missing or damaged");
        assertThatThrownBy(() -> ElasticPackage.read(whole))
                .hasMessageContaining("statistics.safetensors is missing or damaged");
        Files.delete(statistics);
        assertRefused(place("narrow"), "statistics.safetensors is missing or damaged");

        Path narrow = place("narrow").resolve("model.json");
        String json = Files.readString(narrow);
        Files.writeString(narrow, json.replace("\"rows\": [", "\"rows\": [ 7,"));
        assertRefused(place("narrow"), "statistics.safetensors is missing or damaged");
        Files.writeString(narrow, json.replace("\"rows\"", "\"columns\""));
        assertRefused(place("narrow"), "cannot be read: it is damaged");
        Files.writeString(place("narrow").resolve("synset.txt"), "a\nb\nc\nd\n");
        Files.writeString(narrow, json);
        assertRefused(place("narrow"), "a subnet has the classes of its larger net");
        // The package itself opens as before.
        assertThat(logits(whole)).hasSize(8);
    }

    @Test
    void rowsThatDoNotFitAreRefused() throws IOException {
        Path narrow = place("narrow").resolve("model.json");
        String json = Files.readString(narrow);
        Files.writeString(narrow, json.replaceFirst("(\"rows\": \\[\\s*)0", "$11"));
        assertRefused(place("narrow"), "does not describe a subnet of");
    }

    private static void assertRefused(Path path, String reason) {
        assertThatThrownBy(() -> PackageNet.open(path, Device.cpu()).close())
                .isInstanceOf(IOException.class)
                .hasMessageContaining(reason)
                .hasMessageEndingWith(".");
        assertThatThrownBy(() -> InferenceGraph.open(path, null))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(reason);
    }

    @Test
    void whatIsNoPartIsNotSavedAndWhatStoodThereStays() throws IOException {
        try (PackageNet net = RandomNets.of(WHOLE, 64)) {
            ElasticPackage.Part part = part(net, "narrow", 2, List.of(), 64, 0.5);
            Map<String, Tensor> fewer = new LinkedHashMap<>(part.statistics());
            fewer.remove("features.0.1.running_mean");
            assertNotSaved(
                    net,
                    "have no features.0.1.running_mean of shape (8)",
                    new ElasticPackage.Part("a", part.subnet(), fewer, part.description()));
            Map<String, Tensor> more = new LinkedHashMap<>(part.statistics());
            more.put("features.0.0.weight", Tensor.scalar(1));
            assertNotSaved(
                    net,
                    "features.0.0.weight, which is no running statistic",
                    new ElasticPackage.Part("a", part.subnet(), more, part.description()));
            assertNotSaved(net, "'Narrow' cannot name a subnet", part, renamed(part, "Narrow"));
            assertNotSaved(net, "'whole' cannot name a subnet", renamed(part, "whole"));
            assertNotSaved(net, "'../a' cannot name a subnet", renamed(part, "../a"));
            assertNotSaved(
                    net,
                    "is not of the net",
                    new ElasticPackage.Part(
                            "a",
                            subnet("short", 1, List.of(4)),
                            part.statistics(),
                            part.description()));
        }
        assertThat(ElasticPackage.read(whole).nets()).hasSize(3);
    }

    private static ElasticPackage.Part renamed(ElasticPackage.Part part, String name) {
        return new ElasticPackage.Part(name, part.subnet(), part.statistics(), part.description());
    }

    private void assertNotSaved(PackageNet net, String reason, ElasticPackage.Part... parts) {
        assertThatThrownBy(() -> ElasticPackage.save(whole, net, List.of(parts)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(reason);
    }
}
