package org.mobilenetv3.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.util.Pair;
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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.mobilenetv3.Architecture;
import org.mobilenetv3.Head.LrAspp;
import org.mobilenetv3.MobileNetV3;
import org.mobilenetv3.Presets;

/** LR-ASPP's state dicts as torchvision has them (src/test/python/lraspp.py). */
class SegmentationNamesTest {

    private static final Path FILE = Path.of("x.pth");

    /** A state dict of torchvision's. */
    record Theirs(String preset, double width, int classes, int inner, Map<String, Shape> shapes) {

        Architecture net() {
            Architecture net = Presets.of(preset, width).withClasses(classes);
            return inner == 128
                    ? net
                    : net.withHead(new LrAspp(inner, ((LrAspp) net.head()).low()))
                            .withName(net.name() + "_custom");
        }

        @Override
        public String toString() {
            return net().toString();
        }
    }

    static List<Theirs> theirs() throws IOException {
        List<Theirs> all = new ArrayList<>();
        try (BufferedReader lines =
                new BufferedReader(
                        new InputStreamReader(
                                SegmentationNamesTest.class.getResourceAsStream(
                                        "/golden/lraspp/names.txt"),
                                StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                String[] w = line.split(" ");
                if ("model".equals(w[0])) {
                    all.add(
                            new Theirs(
                                    w[1],
                                    Double.parseDouble(w[2]),
                                    Integer.parseInt(w[3]),
                                    Integer.parseInt(w[4]),
                                    new LinkedHashMap<>()));
                } else {
                    long[] shape = Arrays.stream(w).skip(1).mapToLong(Long::parseLong).toArray();
                    all.get(all.size() - 1).shapes.put(w[0], new Shape(shape));
                }
            }
        }
        return all;
    }

    @ParameterizedTest
    @MethodSource("theirs")
    void namesShapesAndTheirOrderAreTorchvisions(Theirs theirs) {
        Map<String, Shape> ours = new LinkedHashMap<>();
        for (Pair<String, Parameter> p : MobileNetV3.of(theirs.net()).getParameters()) {
            ours.put(p.getKey(), p.getValue().getShape());
        }
        assertThat(ours).containsExactlyEntriesOf(theirs.shapes);
    }

    @ParameterizedTest
    @MethodSource("theirs")
    void theNetIsFoundByItsShapes(Theirs theirs) throws IOException {
        NetFinder.Found found = new NetFinder(FILE, theirs.shapes).find(null);
        assertThat(found.net().withName("net")).isEqualTo(theirs.net().withName("net"));
        assertThat(found.names()).allSatisfy((our, their) -> assertThat(our).isEqualTo(their));
    }

    @Test
    void whatDoesNotFitIsNamed() throws IOException {
        Map<String, Shape> shapes = new LinkedHashMap<>(theirs().get(0).shapes);
        shapes.remove("classifier.scale.1.weight");
        shapes.put("aux_classifier.0.weight", new Shape(10, 40, 3, 3));
        assertThatThrownBy(() -> new NetFinder(FILE, shapes).find(null))
                .isInstanceOf(IOException.class)
                .hasMessage(
                        "x.pth does not fit the net that comes closest, lraspp_large, 21 classes, 3 input channels, stem stride 2: missing keys: classifier.scale.1.weight; unexpected keys: aux_classifier.0.weight.");
        shapes.put("classifier.low_classifier.weight", new Shape(1, 40, 1, 1));
        assertThatThrownBy(() -> new NetFinder(FILE, shapes).find(null))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith("x.pth is of a net with one output");
    }
}
