package org.mobilenetv3.train.data.scene;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.mobilenetv3.detection.Box;
import org.mobilenetv3.segmentation.Mask;

class ShapeScenesTest {

    private static ShapeScenes scenes(int count) {
        return ShapeScenes.of(0, count, 160, 7, false);
    }

    @Test
    void aSeedMeansTheSameScenesOnEveryMachine() {
        CRC32 crc = new CRC32();
        for (int i = 0; i < 50; i++) {
            Scene scene = ShapeScenes.train(false).scene(i);
            crc.update(scene.image().data());
            crc.update(scene.mask().classes());
        }
        assertThat(crc.getValue()).isEqualTo(3977581926L);
    }

    @Test
    void boxesAreTightAroundWhatIsSeenAndTheMaskHasNothingElse() {
        for (int i = 0; i < 200; i++) {
            Scene scene = scenes(200).scene(i);
            Set<Integer> labels = new HashSet<>();
            scene.boxes().forEach(box -> labels.add(box.label()));
            for (int label : labels) {
                List<Box> boxes =
                        scene.boxes().stream()
                                .filter(b -> b.label() == label)
                                .map(LabeledBox::box)
                                .toList();
                Box all = boxes.get(0);
                for (Box box : boxes) {
                    all =
                            new Box(
                                    Math.min(all.left(), box.left()),
                                    Math.min(all.top(), box.top()),
                                    Math.max(all.right(), box.right()),
                                    Math.max(all.bottom(), box.bottom()));
                }
                assertThat(all)
                        .as("scene %s, %s", i, label)
                        .isEqualTo(around(scene.mask(), label + 1));
            }
            for (byte value : scene.mask().classes()) {
                assertThat(value == 0 || labels.contains(value - 1)).isTrue();
            }
        }
    }

    private static Box around(Mask mask, int value) {
        int[] at =
                IntStream.range(0, mask.classes().length)
                        .filter(i -> mask.classes()[i] == value)
                        .toArray();
        int width = mask.width();
        return new Box(
                Arrays.stream(at).map(i -> i % width).min().orElseThrow(),
                Arrays.stream(at).map(i -> i / width).min().orElseThrow(),
                Arrays.stream(at).map(i -> i % width).max().orElseThrow() + 1,
                Arrays.stream(at).map(i -> i / width).max().orElseThrow() + 1);
    }

    @Test
    void allShapesOccurInOneToFiveAScene() {
        int[] counts = new int[Shape.values().length];
        int[] sizes = new int[6];
        double least = 1;
        double most = 0;
        for (int i = 0; i < 500; i++) {
            List<LabeledBox> boxes = scenes(500).scene(i).boxes();
            sizes[boxes.size()]++;
            for (LabeledBox box : boxes) {
                counts[box.label()]++;
                assertThat(box.ignored()).isFalse();
                least = Math.min(least, Math.min(box.box().width(), box.box().height()) / 160);
                most = Math.max(most, Math.max(box.box().width(), box.box().height()) / 160);
            }
        }
        assertThat(sizes[0]).isZero();
        assertThat(Arrays.stream(sizes, 1, 6)).allMatch(n -> n > 60 && n < 140);
        assertThat(Arrays.stream(counts)).allMatch(n -> n > 100 && n < 200);
        assertThat(least).isBetween(0.05, 0.12);
        assertThat(most).isBetween(0.45, 0.6);
    }

    @Test
    void objectsStandOutFromWhatIsAround() {
        int outside = 0;
        double sum = 0;
        for (int i = 0; i < 50; i++) {
            Scene scene = scenes(50).scene(i);
            byte[] classes = scene.mask().classes();
            double[] means = new double[6];
            int[] counts = new int[2];
            for (int p = 0; p < classes.length; p++) {
                int kind = classes[p] == 0 ? 0 : 1;
                counts[kind]++;
                for (int c = 0; c < 3; c++) {
                    means[3 * kind + c] += scene.image().data()[c * classes.length + p] & 0xFF;
                }
            }
            double square = 0;
            for (int c = 0; c < 3; c++) {
                double difference = means[3 + c] / counts[1] - means[c] / counts[0];
                square += difference * difference;
            }
            sum += Math.sqrt(square);
            outside++;
        }
        assertThat(sum / outside).isGreaterThan(70);
    }

    @Test
    void partsShareNothingAndMaskNamesHaveTheBackground() {
        assertThat(ShapeScenes.validation(false).scene(0))
                .isNotEqualTo(ShapeScenes.train(false).scene(0));
        assertThat(ShapeScenes.of(3, 2, 160, ShapeScenes.SEED, true).scene(1).image())
                .isEqualTo(ShapeScenes.train(false).scene(4).image());
        assertThat(ShapeScenes.of(0, 9, 160, 1, false).checksum())
                .isEqualTo(ShapeScenes.of(0, 9, 160, 1, false).checksum())
                .isNotEqualTo(ShapeScenes.of(0, 8, 160, 1, false).checksum())
                .isNotEqualTo(ShapeScenes.of(0, 9, 160, 2, false).checksum());
        assertThat(ShapeScenes.train(false).classes()).hasSize(10).startsWith("circle", "square");
        assertThat(ShapeScenes.train(true).classes())
                .hasSize(11)
                .startsWith("background", "circle");
        assertThat(ShapeScenes.train(true).size()).isEqualTo(4000);
        assertThat(ShapeScenes.of(0, 1, 96, 1, false).scene(0).image().width()).isEqualTo(96);
    }

    @Test
    void whatCannotBeDrawnIsRefused() {
        assertThatThrownBy(() -> ShapeScenes.of(0, 0, 160, 1, false))
                .hasMessageContaining("Cannot draw 0 scenes");
        assertThatThrownBy(() -> ShapeScenes.of(0, 1, 16, 1, false))
                .hasMessageContaining("give at least 32");
        assertThatThrownBy(() -> scenes(3).scene(3)).isInstanceOf(IndexOutOfBoundsException.class);
    }
}
