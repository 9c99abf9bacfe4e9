package org.mobilenetv3.segmentation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mobilenetv3.image.Pixels;
import org.mobilenetv3.runtime.TorchRuntime;

class MaskTest {

    private static final int CLASSES = 5;

    @ParameterizedTest
    @CsvSource({"12, 9, 12, 9", "12, 9, 31, 40", "12, 9, 13, 9", "1, 6, 4, 6"})
    void theLargestOfEnlargedLogitsIsLibtorchs(int height, int width, int newHeight, int newWidth) {
        TorchRuntime.start();
        Random random = new Random(height + newWidth);
        float[] logits = new float[CLASSES * height * width];
        for (int i = 0; i < logits.length; i++) {
            logits[i] = (float) random.nextGaussian();
        }
        Mask mask = Mask.ofLogits(logits, height, width, newHeight, newWidth);
        try (NDManager manager = NDManager.newBaseManager("PyTorch")) {
            NDArray x = manager.create(logits, new Shape(1, CLASSES, height, width));
            NDArray resized =
                    x.getNDArrayInternal()
                            .interpolation(new long[] {newHeight, newWidth}, 1, false);
            NDArray best = resized.argMax(1).toType(DataType.UINT8, false);
            assertThat(mask.classes()).isEqualTo(best.toByteArray());
        }
        assertThat(mask.height()).isEqualTo(newHeight);
        assertThat(mask.width()).isEqualTo(newWidth);
        assertThat(mask.at(newHeight - 1, 0)).isBetween(0, CLASSES - 1);
    }

    /** Golden: {@code F.interpolate(x, size, mode="bilinear", align_corners=False).argmax(1)}. */
    @ParameterizedTest
    @CsvSource({"1, 2, 11", "2, 3, 100001", "2, 4, 10010101"})
    void shrunkLogitsAreNotAntialiased(int newHeight, int newWidth, String expected) {
        float[] logits = {
            1, 5, 2, 8, 4, 3, 1, 9, 0, 2, 7, 2, 4, 6, 1, // of class 0, 3 x 5 pixels
            4, 4, 3, 1, 6, 2, 5, 3, 4, 0, 1, 8, 2, 5, 3
        };
        StringBuilder found = new StringBuilder();
        for (byte index : Mask.ofLogits(logits, 3, 5, newHeight, newWidth).classes()) {
            found.append(index);
        }
        assertThat(found).hasToString(expected);
    }

    @Test
    void ofEqualLogitsTheFirstClassIsTaken() {
        Mask mask = Mask.ofLogits(new float[] {1, 2, 1, 2, 1, 3}, 1, 2, 1, 2);
        assertThat(mask.classes()).containsExactly(0, 2);
    }

    @Test
    void areasCountPixelsOfClasses() {
        Mask mask = new Mask(new byte[] {0, 2, 2, (byte) 255, 0, 2}, 2, 3);
        assertThat(mask.areas(3)).containsExactly(2, 0, 3);
        assertThatThrownBy(() -> new Mask(new byte[5], 2, 3))
                .hasMessage("A mask of 5 pixels cannot be 2 high and 3 wide.");
    }

    @ParameterizedTest
    @CsvSource({
        "0, 000000",
        "1, 800000",
        "2, 008000",
        "15, c08080",
        "20, 004080",
        "254, 60e0c0",
        "255, e0e0c0"
    })
    void colorsArePascalVocs(int index, String color) {
        assertThat(MaskImages.color(index)).isEqualTo(Integer.parseInt(color, 16));
    }

    @Test
    void aMasksPictureHoldsTheClassesAsPaletteIndices() {
        Mask mask = new Mask(new byte[] {0, 1, (byte) 255, 20}, 2, 2);
        BufferedImage picture = MaskImages.palette(mask);
        assertThat(picture.getColorModel()).isInstanceOf(IndexColorModel.class);
        int[] indices = picture.getRaster().getPixels(0, 0, 2, 2, (int[]) null);
        assertThat(indices).containsExactly(0, 1, 255, 20);
        assertThat(picture.getRGB(1, 0)).isEqualTo(0xff800000);
    }

    @Test
    void anOverlayLeavesTheBackgroundAsItIs() {
        Mask mask = new Mask(new byte[] {0, 1, (byte) 255}, 1, 3);
        Pixels gray = new Pixels(new byte[] {100, 100, (byte) 200}, 1, 1, 3);
        BufferedImage drawn = MaskImages.overlay(gray, mask);
        assertThat(drawn.getRGB(0, 0)).isEqualTo(0xff646464);
        assertThat(drawn.getRGB(1, 0)).isEqualTo(0xff723232);
        assertThat(drawn.getRGB(2, 0)).isEqualTo(0xffc8c8c8);
    }
}
