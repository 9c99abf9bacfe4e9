package org.mobilenetv3.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.types.Shape;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.mobilenetv3.Architecture;
import org.mobilenetv3.Head;
import org.mobilenetv3.MobileNetV3;
import org.mobilenetv3.Presets;
import org.mobilenetv3.export.TestNets;
import org.mobilenetv3.nn.BlockSpec;
import org.mobilenetv3.nn.InvertedResidual;

class NetFinderTest {

    private static final Path FILE = Path.of("x.pth");

    /** A state dict that another library made: names and shapes as it tells them. */
    record Foreign(
            String library, String model, double width, int classes, Map<String, Shape> shapes) {
        Architecture expected() {
            boolean large = model.contains("large");
            String preset =
                    "timm".equals(library)
                            ? large ? "mobilenetv3_large_100" : "mobilenetv3_small_100"
                            : large ? "mobilenet_v3_large" : "mobilenet_v3_small";
            return Presets.of(preset, width).withClasses(classes);
        }

        @Override
        public String toString() {
            return library + " " + model;
        }
    }

    static List<Foreign> foreign() throws IOException {
        List<Foreign> all = new ArrayList<>();
        try (BufferedReader lines =
                new BufferedReader(
                        new InputStreamReader(
                                NetFinderTest.class.getResourceAsStream(
                                        "/golden/state-dict-names.txt"),
                                StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                String[] w = line.split(" ");
                if ("model".equals(w[0])) {
                    all.add(
                            new Foreign(
                                    w[1],
                                    w[2],
                                    Double.parseDouble(w[3]),
                                    Integer.parseInt(w[4]),
                                    new LinkedHashMap<>()));
                } else {
                    long[] sizes = Arrays.stream(w).skip(1).mapToLong(Long::parseLong).toArray();
                    all.get(all.size() - 1).shapes.put(w[0], new Shape(sizes));
                }
            }
        }
        return all;
    }

    @ParameterizedTest
    @MethodSource("foreign")
    void netsOfOtherLibrariesAreFoundByNamesAndShapes(Foreign foreign) throws IOException {
        NetFinder.Found found = new NetFinder(FILE, foreign.shapes).find(null);
        assertThat(found.assumed()).isNull();
        // Several widths may give the same channels; then it is one net.
        Architecture expected = foreign.expected();
        assertThat(found.net().withName(expected.name())).isEqualTo(expected);
        assertThat(found.net().name()).startsWith(expected.name().replaceFirst("_w[0-9.]+$", ""));
    }

    @ParameterizedTest
    @MethodSource("foreign")
    void everyNameIsTranslatedInTheLibrarysOrder(Foreign foreign) throws IOException {
        NetFinder.Found found = new NetFinder(FILE, foreign.shapes).find(null);
        assertThat(found.names().keySet())
                .containsExactlyElementsOf(MobileNetV3.of(found.net()).getParameters().keys());
        assertThat(found.names().values()).containsExactlyElementsOf(foreign.shapes.keySet());
    }

    @ParameterizedTest
    @ValueSource(strings = {"article_small", "article_large"})
    void theArticlesNetsAreFoundToo(String preset) throws IOException {
        Architecture net = Presets.of(preset, 0.5).withClasses(7).withInputChannels(1);
        assertThat(new NetFinder(FILE, shapes(net)).find(null).net()).isEqualTo(net);
    }

    static Stream<Arguments> presets() {
        return Stream.of(
                        "mobilenet_v3_small",
                        "mobilenet_v3_large",
                        "mobilenet_v3_small_reduced_tail",
                        "mobilenet_v3_large_reduced_tail",
                        "mobilenet_v3_medium",
                        "small_minimal",
                        "large_minimal",
                        "mobilenet_v2",
                        "mobilenetv3_small_100",
                        "mobilenetv3_large_100",
                        "mobilenetv3_large_150d",
                        "mobilenetv3_rw",
                        "tf_mobilenetv3_small_minimal_100",
                        "tf_mobilenetv3_large_minimal_100",
                        "paddleocr_small")
                .flatMap(
                        preset ->
                                Stream.of(0.35, 0.75, 1.0)
                                        .map(width -> Arguments.of(preset, width)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "paddle_large_x0_35",
                "paddle_large_x0_5",
                "paddle_large_x0_75",
                "paddle_large_x1_0",
                "paddle_large_x1_25",
                "paddle_small_x0_35",
                "paddle_small_x0_5",
                "paddle_small_x0_75",
                "paddle_small_x1_0",
                "paddle_small_x1_25"
            })
    void paddleClassNetsAreFoundByTheirOwnNames(String preset) throws IOException {
        Architecture net = Presets.of(preset).withClasses(5);
        NetFinder.Found found = new NetFinder(FILE, theirs(net)).find(null);
        assertThat(found.net()).isEqualTo(net);
        assertThat(found.assumed()).isNull();
        assertThat(found.names().values())
                .contains(
                        "conv.bn._variance",
                        "blocks.0.expand_conv.conv.weight",
                        "blocks.4.mid_se.conv2.bias",
                        "blocks.10.linear_conv.bn._mean",
                        "last_second_conv.bn.weight",
                        "last_conv.weight",
                        "fc.bias");
    }

    /** Narrow nets add their input in more blocks than the same net at full width. */
    @ParameterizedTest
    @MethodSource("presets")
    void everyPresetIsFoundAtEveryWidth(String preset, double width) throws IOException {
        Architecture net = Presets.of(preset, width).withClasses(5);
        NetFinder.Found found = new NetFinder(FILE, theirs(net)).find(null);
        assertThat(found.net().withName(net.name())).isEqualTo(net);
        assertThat(found.assumed()).isNull();
        assertThat(found.net().name()).startsWith(preset);
    }

    @Test
    void theDeeperNetsLastConvolutionIsTwo() {
        assertThat(theirs(Presets.of("mobilenetv3_large_150d")).keySet())
                .contains("blocks.6.0.conv.weight", "blocks.6.1.conv.weight", "blocks.3.4.bn3.bias")
                .doesNotContain("blocks.6.2.conv.weight", "blocks.3.5.bn3.bias");
    }

    @ParameterizedTest
    @CsvSource({
        "mobilenet_v3_small, 4, 240, 200, 48",
        "mobilenet_v3_large, 7, 200, 144, 0",
        "mobilenetv3_small_100, 4, 240, 200, 48",
        "mobilenetv3_rw, 13, 960, 800, 200",
        "mobilenet_v2, 5, 192, 150, 0",
        "paddle_small_x1_0, 4, 240, 200, 48"
    })
    void aNetWhoseChannelsWereCutIsFound(
            String preset, int block, int was, int expanded, int squeeze) throws IOException {
        Architecture whole = Presets.of(preset).withClasses(5);
        Architecture cut = cut(whole, block, was, expanded, squeeze);
        NetFinder.Found found = new NetFinder(FILE, theirs(cut)).find(null);
        assertThat(found.assumed()).isEqualTo(preset);
        assertThat(found.net()).isEqualTo(cut.withName(preset + "_custom"));
        // Who knows the table gives it.
        assertThat(new NetFinder(FILE, theirs(cut)).find(cut).net()).isEqualTo(cut);
    }

    /**
     * Torch-Pruning cuts what the blocks hand on, too. Block 6 has 40 channels and makes 48; cut to
     * as many, they are not added up, as they are in a net of half the width.
     */
    @Test
    void channelsThatOnlyCutsMadeEqualAreNotAddedUp() throws IOException {
        Architecture whole = Presets.of("mobilenet_v3_small").withClasses(5);
        Architecture cut = handingOn(whole, 8, 16, 16, 24, 24, 24, 24, 24, 40, 40, 40);
        assertThat(residuals(cut)).isEqualTo(residuals(whole));
        NetFinder.Found found = new NetFinder(FILE, theirs(cut)).find(null);
        assertThat(found.net()).isEqualTo(cut.withName("mobilenet_v3_small_custom"));
        // Where nothing but channels within a block was cut, the width tells.
        Architecture half = Presets.of("mobilenet_v3_small", 0.5).withClasses(5);
        assertThat(residuals(half)).isNotEqualTo(residuals(whole));
        Architecture within = cut(half, 4, 120, 64, 32);
        assertThat(new NetFinder(FILE, theirs(within)).find(null).net())
                .isEqualTo(within.withName("mobilenet_v3_small_w0.5_custom"));
    }

    private static List<Boolean> residuals(Architecture net) {
        return net.blocks().stream().map(r -> ((InvertedResidual.Spec) r).residual()).toList();
    }

    private static Architecture handingOn(Architecture whole, int... channels) {
        List<BlockSpec> rows = new ArrayList<>();
        for (int i = 0; i < channels.length; i++) {
            InvertedResidual.Spec row = (InvertedResidual.Spec) whole.blocks().get(i);
            rows.add(
                    new InvertedResidual.Spec(
                            row.kernel(),
                            row.expanded(),
                            channels[i],
                            row.squeeze(),
                            row.spatial(),
                            row.activation(),
                            row.rowStride(),
                            row.columnStride(),
                            row.dilation(),
                            row.expand(),
                            row.residual()));
        }
        return whole.withBlocks(rows);
    }

    @ParameterizedTest
    @CsvSource({
        "mobilenet_v3_small, 1",
        "mobilenet_v3_small, 0.5",
        "mobilenet_v3_large, 1",
        "small_minimal, 1",
        "mobilenet_v2, 1"
    })
    void aNetWithSpatialGatesIsFound(String preset, double width) throws IOException {
        Architecture plain = Presets.of(preset, width).withClasses(5);
        Architecture all = TestNets.spatial(plain);
        List<BlockSpec> rows = new ArrayList<>(plain.blocks());
        rows.set(3, all.blocks().get(3));
        for (Architecture net : List.of(all, plain.withBlocks(rows))) {
            NetFinder.Found found = new NetFinder(FILE, theirs(net)).find(null);
            assertThat(found.net()).isEqualTo(net.withName(plain.name() + "_custom"));
            assertThat(found.assumed()).isEqualTo(plain.name());
        }
    }

    @ParameterizedTest
    @CsvSource({
        "TIMM, timm has no names for a net like mobilenetv3_small_100; use safetensors.",
        "PADDLE_CLAS, Paddle has no names for a net like mobilenetv3_small_100."
    })
    void otherLibrariesHaveNoNamesForSpatialGates(NameScheme scheme, String message) {
        Architecture net = TestNets.spatial(Presets.of("mobilenetv3_small_100"));
        assertThat(NameScheme.of(net)).isEqualTo(NameScheme.OURS);
        List<String> names = List.copyOf(shapes(net).keySet());
        assertThatThrownBy(() -> scheme.of(net, names)).hasMessage(message);
    }

    private static Architecture cut(
            Architecture whole, int block, int was, int expanded, int squeeze) {
        List<BlockSpec> rows = new ArrayList<>(whole.blocks());
        InvertedResidual.Spec row = (InvertedResidual.Spec) rows.get(block);
        assertThat(row.expanded()).isEqualTo(was);
        rows.set(
                block,
                new InvertedResidual.Spec(
                        row.kernel(),
                        expanded,
                        row.out(),
                        squeeze,
                        row.spatial(),
                        row.activation(),
                        row.rowStride(),
                        row.columnStride(),
                        row.dilation(),
                        row.expand(),
                        row.residual()));
        return whole.withBlocks(rows);
    }

    @Test
    void aCutThatLeavesTheGateAsItWasFitsNoNet() {
        Architecture net = cut(Presets.of("mobilenet_v3_small"), 4, 240, 200, 48);
        Map<String, Shape> shapes = theirs(net);
        shapes.put("features.5.block.2.fc1.weight", new Shape(48, 240, 1, 1));
        assertThatThrownBy(() -> new NetFinder(FILE, shapes).find(null))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("does not fit the net that comes closest");
    }

    /** A state dict's shapes under its library's names. */
    private static Map<String, Shape> theirs(Architecture net) {
        Map<String, Shape> ours = shapes(net);
        NameScheme scheme =
                net.name().contains("mobilenetv3_")
                        ? NameScheme.TIMM
                        : net.name().startsWith("paddle_")
                                ? NameScheme.PADDLE_CLAS
                                : net.name().startsWith("paddleocr_")
                                        ? NameScheme.PADDLE_OCR
                                        : NameScheme.OURS;
        Map<String, Shape> theirs = new LinkedHashMap<>();
        scheme.of(net, List.copyOf(ours.keySet()))
                .forEach((our, their) -> theirs.put(their, ours.get(our)));
        return theirs;
    }

    @Test
    void aMismatchNamesWhatIsMissingUnexpectedAndMisshapen() throws IOException {
        Map<String, Shape> shapes = new LinkedHashMap<>(foreign().get(0).shapes);
        shapes.remove("features.3.block.1.0.weight");
        shapes.put("features.3.extra", new Shape(3));
        shapes.put("features.4.block.3.0.weight", new Shape(40, 73, 1, 1));
        assertThatThrownBy(() -> new NetFinder(FILE, shapes).find(null))
                .isInstanceOf(IOException.class)
                .hasMessage(
                        "x.pth does not fit the net that comes closest, mobilenet_v3_large, 1000 classes, 3 input channels, stem stride 2: missing keys: features.3.block.1.0.weight; unexpected keys: features.3.extra; size mismatch: features.4.block.3.0.weight is (40, 73, 1, 1) instead of (40, 72, 1, 1).");
    }

    @Test
    void anotherNetIsNotMistakenForOne() {
        Map<String, Shape> shapes =
                Map.of("layer1.0.conv1.weight", new Shape(64, 64, 3, 3), "fc.bias", new Shape(9));
        assertThatThrownBy(() -> new NetFinder(FILE, shapes).find(null))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith(
                        "x.pth is no MobileNet of torchvision, timm, Paddle or the article")
                .hasMessageContaining("layer1.0.conv1.weight");
    }

    @ParameterizedTest
    @CsvSource({
        "ssdlite320_large, 1, 90",
        "ssdlite320_large_full, 1, 90",
        "ssdlite320_small, 1, 1",
        "ssdlite320_large, 0.5, 3",
        "ssdlite320_large_full, 0.75, 1",
        "ssdlite320_small, 0.35, 20"
    })
    void netsThatDetectAreFoundWithTheirTailAndTheirClasses(
            String preset, double width, int classes) throws IOException {
        Architecture net = Presets.of(preset, width).withClasses(classes);
        NetFinder.Found found = new NetFinder(FILE, shapes(net)).find(null);
        assertThat(found.net()).isEqualTo(net);
        assertThat(found.assumed()).isNull();
    }

    @Test
    void aNetThatDetectsWithOtherChannelsIsFound() throws IOException {
        Architecture net =
                Presets.of("ssdlite320_small")
                        .withClasses(4)
                        .withHead(new Head.SsdLite(8, List.of(128, 64, 64, 32)));
        NetFinder.Found found = new NetFinder(FILE, shapes(net)).find(null);
        assertThat(found.net().withName(net.name())).isEqualTo(net);
        assertThat(found.assumed()).isEqualTo("ssdlite320_small");
    }

    @Test
    void aMismatchOfANetThatDetectsNamesWhatIsMissingAndMisshapen() {
        Map<String, Shape> shapes = shapes(Presets.of("ssdlite320_large").withClasses(2));
        shapes.remove("backbone.extra.1.0.0.weight");
        shapes.put("head.regression_head.module_list.3.1.bias", new Shape(16));
        assertThatThrownBy(() -> new NetFinder(FILE, shapes).find(null))
                .isInstanceOf(IOException.class)
                .hasMessage(
                        "x.pth does not fit the net that comes closest, ssdlite320_large, 2 classes, 3 input channels, stem stride 2: missing keys: backbone.extra.1.0.0.weight; size mismatch: head.regression_head.module_list.3.1.bias is (16) instead of (24).");
    }

    private static Map<String, Shape> shapes(Architecture config) {
        Map<String, Shape> shapes = new LinkedHashMap<>();
        MobileNetV3.of(config)
                .getParameters()
                .forEach(p -> shapes.put(p.getKey(), p.getValue().getShape()));
        return shapes;
    }
}
