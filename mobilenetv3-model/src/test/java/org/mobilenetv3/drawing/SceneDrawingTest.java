package org.mobilenetv3.drawing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.Color;
import java.awt.image.BufferedImage;
import java.awt.image.DataBufferByte;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.mobilenetv3.detection.Box;
import org.mobilenetv3.image.Pixels;
import org.mobilenetv3.segmentation.Mask;

class SceneDrawingTest {

    private static Pixels gray(int height, int width) {
        byte[] samples = new byte[height * width];
        Arrays.fill(samples, (byte) 100);
        return new Pixels(samples, 1, height, width);
    }

    @Test
    void smallImagesAreEnlargedByAWholeFactorAndLargeOnesStay() {
        BufferedImage small = new SceneDrawing(gray(60, 100)).picture();
        assertThat(small.getWidth()).isEqualTo(500);
        assertThat(small.getHeight()).isEqualTo(300);
        assertThat(new SceneDrawing(gray(481, 20)).picture().getHeight()).isEqualTo(481);
        assertThat(new SceneDrawing(gray(60, 100), 1).picture().getWidth()).isEqualTo(100);
    }

    @Test
    void aBoxIsDrawnOnItsEdgesInTheColorOfItsClass() {
        List<Mark> marks = List.of(new Mark(new Box(20, 10, 50.4, 40), 1, "", false));
        BufferedImage picture = new SceneDrawing(gray(60, 100)).mark(marks).picture();
        int green = ClassColors.ofObject(1).getRGB();
        for (int[] edge : new int[][] {{100, 125}, {252, 125}, {170, 50}, {170, 200}}) {
            assertThat(picture.getRGB(edge[0], edge[1])).isEqualTo(green);
        }
        int gray = new Color(100, 100, 100).getRGB();
        assertThat(picture.getRGB(170, 125)).isEqualTo(gray);
        assertThat(picture.getRGB(90, 125)).isEqualTo(gray);
        assertThat(picture.getRGB(260, 125)).isEqualTo(gray);
    }

    @Test
    void theLineOfAnIgnoredObjectIsBroken() {
        Box box = new Box(20, 10, 80, 50);
        Set<Integer> colors = new HashSet<>();
        BufferedImage picture =
                new SceneDrawing(gray(60, 100)).mark(List.of(new Mark(box, 0, "", true))).picture();
        for (int x = 110; x < 390; x++) {
            colors.add(picture.getRGB(x, 50));
        }
        assertThat(colors)
                .contains(ClassColors.ofObject(0).getRGB(), new Color(100, 100, 100).getRGB());
    }

    @Test
    void labelsOfBoxesAtTheBorderAndOfOneBoxTwiceAreAllSeen() {
        List<Mark> marks =
                List.of(
                        Mark.found(new Box(0, 0, 30, 40), 0, "cat", 0.97),
                        Mark.found(new Box(0, 0, 30, 40), 2, "dog", 0.5),
                        Mark.found(new Box(90, 30, 100, 60), 3, "horse", 0.5),
                        Mark.found(new Box(0, 0, 100, 60), 4, "everything", 0.1));
        assertThat(marks.get(0).text()).isEqualTo("cat 97 %");
        BufferedImage plain =
                new SceneDrawing(gray(60, 100))
                        .mark(
                                marks.stream()
                                        .map(m -> new Mark(m.box(), m.label(), "", false))
                                        .toList())
                        .picture();
        BufferedImage labeled = new SceneDrawing(gray(60, 100)).mark(marks).picture();
        if (!Fonts.available()) {
            return;
        }
        for (Mark mark : marks) {
            int color = ClassColors.ofObject(mark.label()).getRGB();
            // A label is 12 pixels high and as wide as its text.
            assertThat(count(labeled, color) - count(plain, color))
                    .as(mark.text())
                    .isGreaterThan(12 * 15);
        }
    }

    private static long count(BufferedImage picture, int color) {
        return Arrays.stream(
                        picture.getRGB(
                                0,
                                0,
                                picture.getWidth(),
                                picture.getHeight(),
                                null,
                                0,
                                picture.getWidth()))
                .filter(rgb -> rgb == color)
                .count();
    }

    private static Mask mask() {
        byte[] classes = new byte[60 * 100];
        for (int y = 10; y < 40; y++) {
            Arrays.fill(classes, y * 100 + 20, y * 100 + 50, (byte) 2);
            classes[y * 100 + 70] = (byte) Mask.IGNORED;
        }
        return new Mask(classes, 60, 100);
    }

    @Test
    void aMaskTintsItsClassesAndLeavesTheBackground() {
        BufferedImage picture = new SceneDrawing(gray(60, 100)).tint(mask()).picture();
        Color color = ClassColors.ofMask(2);
        assertThat(color).isEqualTo(ClassColors.ofObject(1));
        assertThat(picture.getRGB(99, 125)).isEqualTo(new Color(100, 100, 100).getRGB());
        assertThat(picture.getRGB(100, 125)).isEqualTo(color.getRGB()); // the line around it
        Color inside = new Color(picture.getRGB(175, 125));
        assertThat(inside.getRed()).isBetween(79, 80); // of 100 and 60
        assertThat(inside.getGreen()).isBetween(139, 140); // of 100 and 180
        assertThat(picture.getRGB(249, 199)).isEqualTo(color.getRGB());
        assertThat(picture.getRGB(250, 199)).isEqualTo(new Color(100, 100, 100).getRGB());
        assertThatThrownBy(() -> new SceneDrawing(gray(50, 100)).tint(mask()))
                .hasMessageContaining(
                        "A mask of 100 by 60 pixels does not fit an image of 100 by 50");
    }

    @Test
    void aLegendNamesTheClassesOfTheMask() {
        SceneDrawing drawing = new SceneDrawing(gray(60, 100)).tint(mask());
        BufferedImage picture = drawing.withLegend(mask(), List.of("background", "cat", "dog"));
        if (Fonts.available()) {
            assertThat(picture.getHeight()).isBetween(300 + 16, 300 + 40);
            BufferedImage below =
                    picture.getSubimage(0, 300, picture.getWidth(), picture.getHeight() - 300);
            assertThat(count(below, ClassColors.ofMask(2).getRGB())).isGreaterThan(60);
            assertThat(count(below, ClassColors.ofMask(Mask.IGNORED).getRGB())).isGreaterThan(60);
            assertThat(count(below, ClassColors.ofMask(1).getRGB())).isZero();
        }
        Mask empty = new Mask(new byte[60 * 100], 60, 100);
        assertThat(drawing.withLegend(empty, List.of("background"))).isSameAs(drawing.picture());
    }

    @Test
    void aMaskFileHoldsTheClassesAndAPalette() throws IOException {
        byte[] classes = new byte[256];
        for (int i = 0; i < classes.length; i++) {
            classes[i] = (byte) i;
        }
        BufferedImage read =
                ImageIO.read(new ByteArrayInputStream(Png.of(new Mask(classes, 8, 32))));
        assertThat(read.getType()).isEqualTo(BufferedImage.TYPE_BYTE_INDEXED);
        assertThat(((DataBufferByte) read.getRaster().getDataBuffer()).getData())
                .containsExactly(classes);
        assertThat(read.getRGB(0, 0)).isEqualTo(Color.BLACK.getRGB());
        assertThat(read.getRGB(3, 0)).isEqualTo(ClassColors.ofObject(2).getRGB());
        assertThat(read.getRGB(31, 7)).isEqualTo(new Color(224, 224, 192).getRGB());
    }

    @Test
    void noTwoOfTheFirstHundredClassesHaveOneColor() {
        Set<Color> colors = new HashSet<>();
        for (int label = 0; label < 100; label++) {
            colors.add(ClassColors.ofObject(label));
        }
        assertThat(colors).hasSize(100);
    }
}
