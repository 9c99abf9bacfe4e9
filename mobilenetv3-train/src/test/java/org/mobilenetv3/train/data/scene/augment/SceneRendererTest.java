package org.mobilenetv3.train.data.scene.augment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.mobilenetv3.detection.Box;
import org.mobilenetv3.image.Normalization;
import org.mobilenetv3.image.Pixels;
import org.mobilenetv3.segmentation.Mask;
import org.mobilenetv3.train.data.augment.SplitMix;
import org.mobilenetv3.train.data.scene.LabeledBox;
import org.mobilenetv3.train.data.scene.Scene;
import org.mobilenetv3.train.data.scene.ShapeScenes;

class SceneRendererTest {
    private static final Normalization UNIT = Normalization.unit(3);

    /** Rectangles of one color each in cells of a grid, so that none hides another. */
    private static Scene rectangles(long seed, int width, int height) {
        SplitMix random = SplitMix.of(seed);
        int plane = width * height;
        byte[] samples = new byte[3 * plane];
        byte[] classes = new byte[plane];
        List<LabeledBox> boxes = new ArrayList<>();
        for (int cell = 0; cell < 9; cell++) {
            if (random.nextBoolean()) {
                continue;
            }
            int cellWidth = width / 3;
            int cellHeight = height / 3;
            int wide = 5 + random.nextInt(cellWidth - 7);
            int high = 5 + random.nextInt(cellHeight - 7);
            int left = cell % 3 * cellWidth + random.nextInt(cellWidth - wide);
            int top = cell / 3 * cellHeight + random.nextInt(cellHeight - high);
            for (int y = top; y < top + high; y++) {
                for (int x = left; x < left + wide; x++) {
                    classes[y * width + x] = (byte) (cell + 1);
                    samples[y * width + x] = (byte) (25 * (cell + 1));
                }
            }
            Box box = new Box(left, top, left + wide, top + high);
            boxes.add(new LabeledBox(box, cell, random.nextInt(5) == 0));
        }
        Mask mask = new Mask(classes, height, width);
        return new Scene(new Pixels(samples, 3, height, width), boxes, mask);
    }

    private static SceneRenderer renderer(SceneAugmentation augmentation, int height, int width) {
        return augmentation.suitsBoxes()
                ? SceneRenderer.ofBoxes(augmentation, UNIT, height, width)
                : SceneRenderer.ofMasks(augmentation, UNIT, height, width);
    }

    @ParameterizedTest
    @EnumSource
    void boxesAndMasksMoveWithThePixels(SceneAugmentation augmentation) {
        int compared = 0;
        for (int i = 0; i < 300; i++) {
            Scene scene = rectangles(i, 90 + i % 50, 140 - i % 70);
            RenderedScene out = renderer(augmentation, 120, 96).render(scene, SplitMix.of(5, i));
            assertThat(out.values()).hasSize(3 * 120 * 96);
            for (LabeledBox box : out.boxes()) {
                int value = box.label() + 1;
                LabeledBox before =
                        scene.boxes().stream()
                                .filter(b -> b.label() == box.label())
                                .findFirst()
                                .orElseThrow();
                assertThat(box.ignored()).isEqualTo(before.ignored());
                assertClose(box.box(), around(out.mask(), value), augmentation + " " + i);
                compared++;
                if (augmentation != SceneAugmentation.SSD) { // which changes colors
                    assertColor(out, box.box(), 25 * value / 255f);
                }
            }
        }
        assertThat(compared).isGreaterThan(augmentation == SceneAugmentation.SSD ? 500 : 700);
    }

    private static void assertColor(RenderedScene out, Box box, float expected) {
        int x = (int) (0.5 * (box.left() + box.right()));
        int y = (int) (0.5 * (box.top() + box.bottom()));
        if (Math.min(box.width(), box.height()) > 8) {
            assertThat(out.values()[y * out.width() + x]).isCloseTo(expected, within(1e-3f));
        }
    }

    private static void assertClose(Box box, Box mask, String what) {
        assertThat(mask.left()).as(what).isCloseTo(box.left(), within(0.5001));
        assertThat(mask.top()).as(what).isCloseTo(box.top(), within(0.5001));
        assertThat(mask.right()).as(what).isCloseTo(box.right(), within(0.5001));
        assertThat(mask.bottom()).as(what).isCloseTo(box.bottom(), within(0.5001));
    }

    private static Box around(Mask mask, int value) {
        int left = mask.width();
        int top = mask.height();
        int right = 0;
        int bottom = 0;
        for (int y = 0; y < mask.height(); y++) {
            for (int x = 0; x < mask.width(); x++) {
                if (mask.at(y, x) == value) {
                    left = Math.min(left, x);
                    top = Math.min(top, y);
                    right = Math.max(right, x + 1);
                    bottom = Math.max(bottom, y + 1);
                }
            }
        }
        return new Box(left, top, right, bottom);
    }

    @ParameterizedTest
    @EnumSource
    void oneGeneratorGivesOneInput(SceneAugmentation augmentation) {
        SceneRenderer renderer = renderer(augmentation, 64, 64);
        Scene scene = ShapeScenes.train(false).scene(3);
        RenderedScene one = renderer.render(scene, SplitMix.of(1, 2, 3));
        RenderedScene same = renderer.render(scene, SplitMix.of(1, 2, 3));
        assertThat(same.values()).containsExactly(one.values());
        assertThat(same.boxes()).isEqualTo(one.boxes());
        assertThat(same.mask().classes()).containsExactly(one.mask().classes());
        int different = 0;
        for (int epoch = 0; epoch < 20; epoch++) {
            RenderedScene other = renderer.render(scene, SplitMix.of(1, epoch, 4));
            different += Arrays.equals(other.values(), one.values()) ? 0 : 1;
        }
        if (augmentation == SceneAugmentation.NONE) {
            assertThat(different).isZero();
        } else {
            assertThat(different).isGreaterThan(3);
        }
    }

    @Test
    void scenesWithoutBoxesOrMaskAreRendered() {
        Scene scene = new Scene(new Pixels(new byte[3 * 40 * 30], 3, 40, 30), List.of(), null);
        for (SceneAugmentation augmentation : SceneAugmentation.values()) {
            RenderedScene out = renderer(augmentation, 32, 32).render(scene, SplitMix.of(1));
            assertThat(out.boxes()).isEmpty();
            assertThat(out.mask()).isNull();
        }
        Scene gray = new Scene(new Pixels(new byte[40 * 30], 1, 40, 30), List.of(), null);
        assertThat(
                        SceneRenderer.ofBoxes(SceneAugmentation.SSD, Normalization.unit(1), 32, 32)
                                .render(gray, SplitMix.of(1))
                                .values())
                .hasSize(32 * 32);
    }

    @Test
    void evenAnObjectOfTheWholeImageAndOneOfAPixelEndTheSearchForACrop() {
        List<LabeledBox> boxes =
                List.of(
                        new LabeledBox(new Box(0, 0, 50, 40), 0, false),
                        new LabeledBox(new Box(3, 3, 4, 4), 1, false));
        for (LabeledBox box : boxes) {
            Scene scene =
                    new Scene(new Pixels(new byte[3 * 50 * 40], 3, 40, 50), List.of(box), null);
            for (int i = 0; i < 200; i++) {
                RenderedScene out =
                        renderer(SceneAugmentation.SSDLITE, 32, 32).render(scene, SplitMix.of(i));
                assertThat(out.boxes().size()).isLessThanOrEqualTo(1);
            }
        }
        Scene point = new Scene(new Pixels(new byte[3], 3, 1, 1), List.of(), null);
        for (SceneAugmentation augmentation : SceneAugmentation.values()) {
            renderer(augmentation, 32, 32).render(point, SplitMix.of(9));
        }
    }

    @Test
    void anIoUCropHoldsACenterWithTheOverlapDrawn() {
        Box object = new Box(20, 30, 60, 70);
        List<LabeledBox> boxes =
                List.of(
                        new LabeledBox(object, 0, false),
                        new LabeledBox(new Box(90, 90, 99, 99), 1, true));
        int whole = 0;
        int draws = 20_000;
        int[] above = new int[8];
        double area = 0;
        for (int i = 0; i < draws; i++) {
            Box part = IouCrop.draw(SplitMix.of(i), new Box(-10, -5, 110, 105), boxes);
            assertThat(IouCrop.holdsCenter(part, object)).isTrue();
            assertThat(part.left()).isGreaterThanOrEqualTo(-10);
            assertThat(part.bottom()).isLessThanOrEqualTo(105);
            if (part.equals(new Box(-10, -5, 110, 105))) {
                whole++;
                continue;
            }
            assertThat(part.width() / part.height()).isBetween(0.5, 2.0);
            assertThat(part.width()).isBetween(36.0, 120.0);
            area += part.area() / (120 * 110);
            for (int tenth = 0; tenth < above.length; tenth++) {
                above[tenth] += part.iou(object) >= tenth / 10.0 ? 1 : 0;
            }
        }
        // Of 20,000 that torchvision's RandomIoUCrop drew.
        double[] torchvision = {0.7737, 0.7737, 0.6126, 0.4181, 0.1976, 0.13, 0.0391, 0.0139};
        assertThat(whole / (double) draws).isCloseTo(0.2263, within(0.012));
        assertThat(area / (draws - whole)).isCloseTo(0.3799, within(0.005));
        for (int tenth = 0; tenth < above.length; tenth++) {
            assertThat(above[tenth] / (double) draws)
                    .as("IoU %s", tenth / 10.0)
                    .isCloseTo(torchvision[tenth], within(0.012));
        }
    }

    @Test
    void zoomOutFillsWithTheMeanColorAndKeepsEveryObject() {
        Scene scene = rectangles(4, 90, 120);
        int zoomed = 0;
        double smallest = 1;
        for (int i = 0; i < 600; i++) {
            RenderedScene out =
                    renderer(SceneAugmentation.SSD, 96, 96).render(scene, SplitMix.of(i));
            long outside = 0;
            for (int p = 0; p < 96 * 96; p++) {
                if (out.mask().classes()[p] == (byte) Mask.IGNORED) {
                    outside++;
                }
            }
            zoomed += outside > 0 ? 1 : 0;
            smallest = Math.min(smallest, 1 - outside / (96.0 * 96));
        }
        assertThat(zoomed / 600.0).isBetween(0.35, 0.55); // half, some of which the crop undoes
        assertThat(smallest).isBetween(0.005, 1 / 8.0); // of a sixteenth the crop may leave less
        RenderedScene one = zoomedOut(scene);
        int corner = one.mask().at(0, 0) == Mask.IGNORED ? 0 : 96 * 96 - 1;
        assertThat(one.values()[corner]).isCloseTo(123 / 255f, within(1e-6f));
        assertThat(one.values()[2 * 96 * 96 + corner]).isCloseTo(104 / 255f, within(1e-6f));
    }

    private static RenderedScene zoomedOut(Scene scene) {
        for (int i = 0; ; i++) {
            RenderedScene out =
                    renderer(SceneAugmentation.SSD, 96, 96).render(scene, SplitMix.of(i));
            if (out.mask().at(0, 0) == Mask.IGNORED && out.mask().at(1, 1) == Mask.IGNORED) {
                return out;
            }
        }
    }

    @Test
    void scalingShowsObjectsFromHalfToTwiceTheirSizeAndPadsWithWhatIsNotLearned() {
        byte[] classes = new byte[480 * 480];
        Arrays.fill(classes, (byte) 3);
        Scene scene =
                new Scene(
                        new Pixels(new byte[3 * 480 * 480], 3, 480, 480),
                        List.of(),
                        new Mask(classes, 480, 480));
        double least = 1;
        int full = 0;
        for (int i = 0; i < 300; i++) {
            RenderedScene out =
                    renderer(SceneAugmentation.SCALE, 48, 48).render(scene, SplitMix.of(i));
            int inside = 0;
            for (byte value : out.mask().classes()) {
                assertThat(value == 3 || value == (byte) Mask.IGNORED).isTrue();
                inside += value == 3 ? 1 : 0;
            }
            least = Math.min(least, Math.sqrt(inside) / 48);
            full += inside == 48 * 48 ? 1 : 0;
        }
        assertThat(least).isCloseTo(26 / 48.0, within(0.03)); // half of 520 for 480
        assertThat(full / 300.0).isBetween(0.6, 0.8); // (104 - 48) / (104 - 26)
    }

    @Test
    void largeScaleJitterReachesFromATenthToTwice() {
        Box object = new Box(0, 0, 96, 96);
        Scene scene =
                new Scene(
                        new Pixels(new byte[3 * 96 * 96], 3, 96, 96),
                        List.of(new LabeledBox(object, 0, false)),
                        null);
        double least = 96;
        int full = 0;
        for (int i = 0; i < 300; i++) {
            RenderedScene out =
                    renderer(SceneAugmentation.LSJ, 96, 96).render(scene, SplitMix.of(i));
            double side = out.boxes().get(0).box().width();
            least = Math.min(least, side);
            full += side == 96 ? 1 : 0;
        }
        assertThat(least).isBetween(9.0, 13.0);
        assertThat(full / 300.0).isBetween(0.43, 0.63); // 1 of 1.9
    }

    @Test
    void withoutAugmentationBoxesAreStretchedAsPredictionDoesAndAllKept() {
        Scene scene =
                new Scene(
                        new Pixels(new byte[3 * 200 * 100], 3, 200, 100),
                        List.of(new LabeledBox(new Box(10, 20, 30, 20.5), 1, false)),
                        null);
        RenderedScene out = renderer(SceneAugmentation.NONE, 50, 320).render(scene, SplitMix.of(1));
        assertThat(out.boxes())
                .containsExactly(new LabeledBox(new Box(32, 5, 96, 5.125), 1, false));
    }

    @Test
    void aWholeSceneKeepsItsProportions() {
        RenderedScene out = SceneRenderer.whole(rectangles(1, 90, 120), UNIT, 45);
        assertThat(new int[] {out.height(), out.width()}).containsExactly(60, 45);
        assertThat(out.values()).hasSize(3 * 60 * 45);
        assertThat(out.boxes()).isNotEmpty();
        for (LabeledBox box : out.boxes()) {
            assertClose(box.box(), around(out.mask(), box.label() + 1), "whole");
        }
    }

    @Test
    void masksAreResizedAsByPillowsNearest() throws IOException {
        try (Reader reader =
                new InputStreamReader(
                        getClass().getResourceAsStream("/golden/scenes.json"),
                        StandardCharsets.UTF_8)) {
            JsonArray rows =
                    JsonParser.parseReader(reader).getAsJsonObject().getAsJsonArray("masks");
            assertThat(rows).hasSize(4);
            for (JsonElement element : rows) {
                JsonObject row = element.getAsJsonObject();
                int height = row.getAsJsonArray("from").get(0).getAsInt();
                int width = row.getAsJsonArray("from").get(1).getAsInt();
                byte[] classes = new byte[height * width];
                for (int i = 0; i < classes.length; i++) {
                    classes[i] = (byte) ((i % width * 7 + i / width * 13) % 251);
                }
                int newHeight = row.getAsJsonArray("to").get(0).getAsInt();
                int newWidth = row.getAsJsonArray("to").get(1).getAsInt();
                Scene scene =
                        new Scene(
                                new Pixels(new byte[3 * height * width], 3, height, width),
                                List.of(),
                                new Mask(classes, height, width));
                RenderedScene out =
                        renderer(SceneAugmentation.NONE, newHeight, newWidth)
                                .render(scene, SplitMix.of(1));
                CRC32 crc = new CRC32();
                crc.update(out.mask().classes());
                assertThat(crc.getValue()).as("%s", row).isEqualTo(row.get("crc").getAsLong());
            }
        }
    }

    @Test
    void whatSuitsOnlyTheOtherTaskIsRefused() {
        assertThatThrownBy(() -> SceneRenderer.ofBoxes(SceneAugmentation.SCALE, UNIT, 32, 32))
                .hasMessage("The augmentation 'scale' is for masks; give another one for boxes.");
        assertThatThrownBy(() -> SceneRenderer.ofMasks(SceneAugmentation.SSDLITE, UNIT, 32, 32))
                .hasMessage("The augmentation 'ssdlite' is for boxes; give another one for masks.");
        assertThat(SceneAugmentation.of("ssdlite")).isEqualTo(SceneAugmentation.SSDLITE);
        assertThatThrownBy(() -> SceneAugmentation.of("ssdlight"))
                .hasMessage(
                        "There is no augmentation 'ssdlight' of scenes; give one of none, hflip,"
                                + " ssdlite, ssd, lsj, scale.");
    }
}
