package org.mobilenetv3.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.io.InputStream;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.mobilenetv3.Architecture;
import org.mobilenetv3.Presets;
import org.mobilenetv3.format.Tensor;
import org.mobilenetv3.format.pickle.TorchCheckpoint;
import org.mobilenetv3.image.Interpolation;
import org.mobilenetv3.image.Normalization;
import org.mobilenetv3.nn.BlockSpec;
import org.mobilenetv3.nn.InvertedResidual;
import org.mobilenetv3.nn.Padding;
import org.mobilenetv3.preprocessing.Fit;
import org.mobilenetv3.preprocessing.Preprocessing;
import org.mobilenetv3.trained.NetDescription;
import org.mobilenetv3.trained.PackageNet;
import org.mobilenetv3.trained.WeightsFile;
import org.mobilenetv3.weights.NameScheme;
import org.mobilenetv3.weights.StateDict;

/** State dicts of other programs: what lies beside the net, and what is assumed of it. */
class ForeignCheckpointsTest {

    private static final int SIDE = 64;

    @TempDir private Path temporary;

    @ParameterizedTest
    @CsvSource({
        "model.,criterion.weight", // a loss's weights
        "model.,train_acc.tp", // a metric's counters
        "encoder.,",
        "mobilenet.,",
        "student.,",
        "timm_model.,",
        "base_model.model.,"
    })
    void theNetIsReadWhateverItWasCalledAndWhateverLiesBesideIt(String prefix, String beside)
            throws IOException {
        for (String name : List.of("torchvision-small.pth", "timm-small.safetensors")) {
            Map<String, Tensor> tensors = prefixed(prefix, name);
            if (beside != null) {
                tensors.put(beside, Tensor.of(new Shape(2), new float[2]));
            }
            Path file = write("net.pth", tensors);
            assertThat(logits(file)).isEqualTo(logits(golden(name)));
            List<String> notes = read(file).notes();
            assertThat(
                            notes.stream()
                                    .anyMatch(
                                            n ->
                                                    n.contains(
                                                            "left out beside it: '"
                                                                    + beside
                                                                    + "'")))
                    .isEqualTo(beside != null);
        }
    }

    @Test
    void ofANetAndItsAverageTheNetIsReadAndThatIsTold() throws IOException {
        Map<String, Tensor> tensors = prefixed("ema.module.", "timm-small.safetensors");
        tensors.replaceAll((n, t) -> Tensor.of(t.shape(), new float[(int) t.shape().size()]));
        tensors.putAll(prefixed("model.", "timm-small.safetensors"));
        Path file = write("twin.ckpt", tensors);
        assertThat(logits(file)).isEqualTo(logits(golden("timm-small.safetensors")));
        assertThat(read(file).notes().get(0))
                .startsWith("The net lies under 'model.'; left out beside it: 'ema.module.");
    }

    @Test
    void ofTwoNetsOfEqualRightNoneIsChosen() throws IOException {
        Map<String, Tensor> tensors = prefixed("left.", "torchvision-small.pth");
        tensors.putAll(prefixed("right.", "torchvision-small.pth"));
        Path file = write("two.ckpt", tensors);
        assertThatThrownBy(() -> read(file))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("it holds several nets, under 'left.' and 'right.'; save");
    }

    @Test
    void aHeadBesideTheNetIsNotTakenForItsOwn() throws IOException {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        prefixed("", "torchvision-small.pth")
                .forEach(
                        (n, t) -> tensors.put(n.startsWith("classifier") ? n : "backbone." + n, t));
        Path file = write("split.pth", tensors);
        assertThatThrownBy(() -> read(file))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("missing keys: classifier.0.weight");
    }

    @ParameterizedTest
    @ValueSource(strings = {"torchvision-small.pth", "timm-small.safetensors"})
    void aNetWithOneOutputIsRefusedWithWhatToDo(String name) throws IOException {
        Map<String, Tensor> tensors = prefixed("", name);
        tensors.replaceAll(
                (n, t) ->
                        n.matches("classifier(\\.3)?\\.(weight|bias)")
                                ? Tensor.of(one(t.shape()), new float[(int) one(t.shape()).size()])
                                : t);
        Path file = write("one.pth", tensors);
        assertThatThrownBy(() -> read(file))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith(file + " is of a net with one output (classifier")
                .hasMessageContaining("but nets here have two classes or more; for yes or no, put");
    }

    private static Shape one(Shape shape) {
        return new Shape(1).addAll(shape.slice(1));
    }

    @ParameterizedTest
    @CsvSource({
        "torchvision-small.pth,torchvision's,dilation,dilated=True has the same names",
        "timm-small.safetensors,timm's,padding,would be answered wrongly"
    })
    void whatABareStateDictCannotTellIsTold(String name, String whose, String what, String told)
            throws IOException {
        Path file = golden(name);
        try (PackageNet net = PackageNet.open(file, Device.cpu())) {
            assertThat(net.notes())
                    .singleElement()
                    .asString()
                    .startsWith(
                            "The names are %s, which tell neither input size nor normalization nor %s:"
                                    .formatted(whose, what))
                    .contains("256", "224", "ImageNet's", told, "--arch");
        }
    }

    @Test
    void aFileCalledAsAPublishedOneGetsItsInputAndThatIsTold() throws IOException {
        Path file =
                Files.move(
                        golden("torchvision-small.pth"),
                        temporary.resolve("mobilenet_v3_small-047dcff4.pth"));
        NetDescription read = read(file);
        assertThat(read.preprocessing())
                .isEqualTo(new Preprocessing(224, 256, Normalization.IMAGENET));
        assertThat(read.notes())
                .singleElement()
                .asString()
                .startsWith(
                        "The file has the name of torchvision/mobilenet_v3_small.imagenet1k_v1 but other content");
        Path another =
                Files.move(file, temporary.resolve("mobilenet_v3_large-5c1a4163.pth")); // Large's
        assertThat(read(another).notes())
                .singleElement()
                .asString()
                .startsWith("The names are torchvision's");
    }

    @Test
    void theNameOfAFileOfMiilsOrOfTensorFlowsPaddingIsHeeded() throws IOException {
        Path file = golden("timm-small.safetensors");
        Path miil = temporary.resolve("mobilenetv3_large_100_miil-55547f2b.safetensors");
        Files.copy(file, miil);
        assertThat(read(miil).preprocessing().normalization()).isEqualTo(Normalization.unit(3));
        Path tf = temporary.resolve("my-TF_mobilenetv3_small_100.safetensors");
        Files.copy(file, tf);
        Architecture padded = read(tf).architecture();
        assertThat(padded).isEqualTo(Presets.of("tf_mobilenetv3_small_100", 0.1).withClasses(7));
        assertThat(padded.conventions().padding()).isEqualTo(Padding.SAME);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'interpolation': 'lanczos' | | asks for lanczos interpolation; images are resized",
                "'crop_mode': 'squash' | | asks for the crop mode squash",
                "'zoom': 2 | | has [zoom], which are not known here and not used."
            })
    void whatTimmsConfigAsksForAndIsNotDoneIsTold(String trained, String top, String told)
            throws IOException {
        NetDescription read = withConfig(trained, top);
        assertThat(read.notes()).singleElement().asString().contains(told);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'interpolation': 'bicubic' | BICUBIC",
                "'interpolation': 'bilinear' | BILINEAR",
                "'tag': 'x' | BICUBIC" // as timm's resolve_data_config
            })
    void imagesAreResizedAsTimmsConfigSays(String trained, Interpolation interpolation)
            throws IOException {
        NetDescription read = withConfig(trained, "");
        assertThat(read.preprocessing().fit())
                .isEqualTo(new Fit.CenterCrop(96, 109, interpolation));
        assertThat(read.notes()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'global_pool': 'max' | pools by max",
                "'model_args': {'num_classes': 7, 'pad_type': 'same'} | arguments [pad_type]",
                "'model_args': {'output_stride': 16} | arguments [output_stride]",
                "'label_names': ['a', 'b'] | names 2; it belongs to other weights",
                "'label_names': {'0': 'a', '2': 'b'} | none of them is number 1"
            })
    void aConfigOfAnotherNetIsRefused(String top, String told) throws IOException {
        assertThatThrownBy(() -> withConfig("'tag': 'x'", top))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(told);
    }

    @Test
    void theClassesThatTimmsConfigNamesAreTaken() throws IOException {
        List<String> names = List.of("a", "b", "c", "d", "e", "f", "g");
        assertThat(
                        withConfig(
                                        "'tag': 'x'",
                                        "'label_names': ['a', 'b', 'c', 'd', 'e', 'f', 'g']")
                                .classes())
                .isEqualTo(names);
        assertThat(
                        withConfig(
                                        "'tag': 'x'",
                                        "'label_names': {'1': 'b', '0': 'a', '2': 'c', '3': 'd', '4': 'e', '5': 'f', '6': 'g'}")
                                .classes())
                .isEqualTo(names);
    }

    @Test
    void timmsNumbersAreWrittenUnderTimmsNames() throws IOException {
        Path written = temporary.resolve("written.safetensors");
        try (PackageNet net = PackageNet.open(golden("timm-small.safetensors"), Device.cpu())) {
            new WeightsExporter(WeightsFormat.SAFETENSORS).export(net, written);
        }
        try (StateDict dict = StateDict.open(written)) {
            assertThat(dict.tensors().keySet())
                    .contains("conv_stem.weight", "blocks.0.0.bn1.weight")
                    .noneMatch(name -> name.startsWith("features."));
        }
        assertThat(logits(written)).isEqualTo(logits(golden("timm-small.safetensors")));
    }

    private NetDescription withConfig(String trained, String top) throws IOException {
        String json =
                """
                {'architecture': 'mobilenetv3_small_100', 'num_classes': 7, %s 'pretrained_cfg':
                 {'input_size': [3, 96, 96], 'mean': [0, 0, 0], 'std': [1, 1, 1], %s}}
                """
                        .formatted(top == null || top.isBlank() ? "" : top + ",", trained)
                        .replace('\'', '"');
        Path file = golden("timm-small.safetensors");
        Files.writeString(file.resolveSibling("config.json"), json);
        return read(file);
    }

    @ParameterizedTest
    @CsvSource({"mobilenet_v3_small, OURS", "mobilenetv3_small_100, TIMM"})
    void aNetWhoseChannelsWereCutAnswersAsItDidAndWhatIsAssumedIsTold(
            String preset, NameScheme scheme) throws IOException {
        Architecture whole = Presets.of(preset, 0.35).withClasses(3);
        List<BlockSpec> rows = new ArrayList<>(whole.blocks());
        InvertedResidual.Spec row = (InvertedResidual.Spec) rows.get(4);
        rows.set(
                4,
                InvertedResidual.Spec.of(
                        row.out(), row.kernel(), 50, row.out(), 12, row.activation(), 1));
        Path saved = TestNets.save(temporary.resolve("cut"), whole.withBlocks(rows));
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        Path file = temporary.resolve("cut.pth");
        try (PackageNet net = PackageNet.open(saved, Device.cpu())) {
            Map<String, String> names =
                    scheme.of(net.block().architecture(), net.block().getParameters().keys());
            for (var p : net.block().getParameters()) {
                NDArray array = p.getValue().getArray();
                tensors.put(
                        names.get(p.getKey()), Tensor.of(array.getShape(), array.toFloatArray()));
            }
            TorchCheckpoint.write(file, tensors);
            NetDescription told = net.description().withArchitecture(read(file).architecture());
            try (PackageNet again =
                    PackageNet.open(WeightsFile.open(file, null).with(told), Device.cpu())) {
                FloatBuffer x = FloatBuffer.wrap(TestNets.pixels(3L * SIDE * SIDE, 3));
                Shape shape = new Shape(1, 3, SIDE, SIDE);
                assertThat(again.logits(x, shape)).isEqualTo(net.logits(x, shape));
            }
        }
        assertThat(read(file).notes())
                .anyMatch(note -> note.contains("padding and epsilon of " + preset + "_w0.3"));
    }

    private static NetDescription read(Path file) throws IOException {
        try (WeightsFile weights = WeightsFile.open(file, null)) {
            return weights.description();
        }
    }

    private Map<String, Tensor> prefixed(String prefix, String name) throws IOException {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        try (StateDict dict = StateDict.open(golden(name))) {
            for (Map.Entry<String, Tensor> entry : dict.tensors().entrySet()) {
                Tensor tensor = entry.getValue();
                tensors.put(prefix + entry.getKey(), Tensor.of(tensor.shape(), tensor.floats()));
            }
        }
        return tensors;
    }

    private Path write(String name, Map<String, Tensor> tensors) throws IOException {
        Path file = temporary.resolve(name);
        TorchCheckpoint.write(file, tensors);
        return file;
    }

    private static float[] logits(Path file) throws IOException {
        try (PackageNet net = PackageNet.open(file, Device.cpu())) {
            float[] x = TestNets.pixels(3L * SIDE * SIDE, 3);
            return net.logits(FloatBuffer.wrap(x), new Shape(1, 3, SIDE, SIDE));
        }
    }

    private Path golden(String name) throws IOException {
        Path file = temporary.resolve(name);
        try (InputStream in =
                ForeignCheckpointsTest.class.getResourceAsStream("/golden/nets/" + name)) {
            Files.write(file, in.readAllBytes());
        }
        return file;
    }
}
