package org.mobilenetv3.train.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mobilenetv3.train.command.CommandsTest.run;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mobilenetv3.drawing.ClassColors;
import org.mobilenetv3.image.Normalization;
import org.mobilenetv3.image.Pixels;
import org.mobilenetv3.train.command.CommandsTest.Result;
import org.mobilenetv3.train.data.ImageSet;
import org.mobilenetv3.train.data.augment.Augmentation;
import org.mobilenetv3.train.preview.AugmentedImages;
import org.mobilenetv3.train.preview.ContactSheet;
import org.mobilenetv3.train.preview.ContactSheet.Cell;

class PreviewCommandTest {

    @TempDir private Path temporary;

    private Result preview(String out, String... more) {
        String[] args = new String[5 + more.length];
        System.arraycopy(
                new String[] {
                    "preview", "--dataset", "shapes", "--out", temporary.resolve(out).toString()
                },
                0,
                args,
                0,
                5);
        System.arraycopy(more, 0, args, 5, more.length);
        return run(args);
    }

    @Test
    void writesASheetOfTenColumnsAndSaysWhere() throws IOException {
        Result result = preview("sheet.png", "--rows", "3");
        assertThat(result.code()).isZero();
        assertThat(result.out().lines())
                .containsExactly(
                        temporary.resolve("sheet.png")
                                + ": 3 images of shapes, augmentation: flip");
        BufferedImage sheet = ImageIO.read(temporary.resolve("sheet.png").toFile());
        assertThat(sheet.getWidth()).isEqualTo(6 + 10 * (96 + 6)); // 32 pixels, 3 times
        assertThat(sheet.getHeight()).isBetween(3 * 96, 3 * 96 + 120);
        byte[] before = Files.readAllBytes(temporary.resolve("sheet.png"));
        assertThat(preview("sheet.png", "--rows", "3").code()).isZero(); // replaces its own kind
        assertThat(Files.readAllBytes(temporary.resolve("sheet.png"))).isEqualTo(before);
    }

    @Test
    void showsScenesWithTheirBoxesOrMasks() throws IOException {
        Result boxes =
                preview("boxes.png", "--task=detect", "--rows=2", "--data-augmentation=ssdlite");
        assertThat(boxes.code()).as(boxes.err()).isZero();
        assertThat(boxes.out())
                .contains("boxes.png: 2 scenes of shapes, augmentation: IoU crop, flip");
        BufferedImage sheet = ImageIO.read(temporary.resolve("boxes.png").toFile());
        assertThat(sheet.getWidth()).isEqualTo(6 + 10 * (160 + 6));
        assertThat(colors(sheet))
                .as("stripes in the first scene, checkers in the second")
                .contains(ClassColors.ofObject(7).getRGB(), ClassColors.ofObject(8).getRGB());
        Result masks =
                preview(
                        "masks.png",
                        "--task=segment",
                        "--rows=2",
                        "--input-size=96",
                        "--data-augmentation=scale");
        assertThat(masks.code()).as(masks.err()).isZero();
        assertThat(masks.out()).contains("augmentation: scale of 0.5 to 2, crop, flip");
        sheet = ImageIO.read(temporary.resolve("masks.png").toFile());
        assertThat(sheet.getWidth()).isEqualTo(6 + 10 * (2 * 96 + 6));
        assertThat(colors(sheet)).contains(ClassColors.ofMask(8).getRGB());
    }

    private static Set<Integer> colors(BufferedImage image) {
        int width = image.getWidth();
        int[] rgb = image.getRGB(0, 0, width, image.getHeight(), null, 0, width);
        return Arrays.stream(rgb).boxed().collect(Collectors.toSet());
    }

    @Test
    void refusesScenesThatThereAreNot() {
        assertRefused(
                preview("a.png", "--task", "detect", "--data-augmentation", "scale"),
                "'scale' is for masks");
        assertRefused(
                preview("a.png", "--task", "segment", "--data-augmentation", "blur"),
                "There is no augmentation 'blur'");
        Result images = run("preview", "--dataset", "mnist", "--task", "detect", "--out", "a.png");
        assertRefused(images, "'mnist' has classes but no boxes");
    }

    @Test
    void refusesPlacesItCannotOrShouldNotWriteTo() throws IOException {
        assertRefused(preview("missing/sheet.png"), "missing', which is not a directory");
        assertRefused(preview("."), "give a file");
        Files.writeString(temporary.resolve("notes.txt"), "mine");
        assertRefused(preview("notes.txt"), "notes.txt' exists and is not a PNG");
        assertThat(temporary.resolve("notes.txt")).hasContent("mine");
        assertThat(preview("sheet.png", "--rows", "0").err()).contains("--rows is 0; give 1 to");
        assertThat(temporary.resolve("sheet.png")).doesNotExist();
    }

    private static void assertRefused(Result result, String message) {
        assertThat(result.code()).isEqualTo(2);
        assertThat(result.err()).contains(message).doesNotContain("\tat ");
    }

    @Test
    void showsImagesClassByClassAsTheNetSeesThem() {
        AugmentedImages plain = images(Augmentation.NONE);
        List<List<Cell>> rows = plain.rows(3, 2);
        assertThat(rows).hasSize(3).allSatisfy(row -> assertThat(row).hasSize(3));
        assertThat(rows.get(0).get(0).image()).isEqualTo(plain.set().image(0));
        assertThat(rows.get(1).get(0).image()).isEqualTo(plain.set().image(2));
        assertThat(rows.get(2).get(0).image()).isEqualTo(plain.set().image(1));
        for (List<Cell> row : rows) {
            assertThat(row.get(2)).isEqualTo(row.get(0)); // normalized and back
        }
        assertThat(plain.rows(99, 1)).hasSize(4);
    }

    @Test
    void aMixedImageNamesBothClassesAndTheirShares() {
        Augmentation mixup = Augmentation.builder().optMixup(1).build();
        List<List<Cell>> rows = images(mixup).rows(2, 1);
        assertThat(rows.get(0).get(0).caption()).isEqualTo("cat");
        assertThat(rows.get(0).get(1).caption()).matches("0\\.\\d\\d cat\n0\\.\\d\\d dog");
        assertThat(rows.get(1).get(1).caption()).matches("0\\.\\d\\d dog\n0\\.\\d\\d cat");
    }

    private static AugmentedImages images(Augmentation augmentation) {
        byte[][] images = new byte[4][6];
        for (int i = 0; i < 24; i++) {
            images[i / 6][i % 6] = (byte) (i * 11);
        }
        int[] labels = {0, 0, 1, 1};
        ImageSet set = new ImageSet("pets", List.of("cat", "dog"), 1, 2, 3, images, labels);
        return new AugmentedImages(set, Normalization.MNIST, augmentation, 1);
    }

    @Test
    void smallImagesAreEnlargedPixelByPixelAndLargeOnesMadeSmaller() {
        Pixels dots = new Pixels(new byte[] {0, (byte) 255, (byte) 255, 0}, 1, 2, 2);
        BufferedImage sheet = sheet(dots).draw();
        assertThat(sheet.getWidth()).isEqualTo(96 + 12);
        assertThat(sheet.getRGB(6, sheet.getHeight() - 21 - 95)).isEqualTo(0xFF000000);
        assertThat(sheet.getRGB(6 + 47, sheet.getHeight() - 21 - 95)).isEqualTo(0xFF000000);
        assertThat(sheet.getRGB(6 + 48, sheet.getHeight() - 21 - 95)).isEqualTo(0xFFFFFFFF);
        Pixels photograph = new Pixels(new byte[400 * 600], 1, 400, 600);
        assertThat(sheet(photograph).draw().getWidth()).isEqualTo(384 + 12);
    }

    private static ContactSheet sheet(Pixels image) {
        return new ContactSheet(
                "title", List.of("original"), List.of(List.of(new Cell(image, "a"))));
    }
}
