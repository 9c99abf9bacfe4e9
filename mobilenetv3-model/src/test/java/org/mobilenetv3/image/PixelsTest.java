package org.mobilenetv3.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.awt.Transparency;
import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ComponentColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.WritableRaster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PixelsTest {
    @TempDir Path dir;

    /** The message of the IOException a call ends with, checked to be one line and one sentence. */
    static String sentenceOf(ThrowingCallable call) {
        Throwable thrown = catchThrowable(call);
        assertThat(thrown).isInstanceOf(IOException.class);
        assertThat(thrown.getMessage()).endsWith(".").doesNotContain("\n").doesNotContain("..");
        return thrown.getMessage();
    }

    @Test
    void aMissingFileADirectoryAndAnEmptyFileAreNamed() throws IOException {
        Path missing = dir.resolve("missing.png");
        Path empty = Files.createFile(dir.resolve("empty.png"));
        assertThat(sentenceOf(() -> Pixels.read(missing)))
                .contains("missing.png", "does not exist");
        assertThat(sentenceOf(() -> Pixels.read(dir))).contains(dir.toString(), "directory");
        assertThat(sentenceOf(() -> Pixels.read(empty))).contains("empty.png", "empty");
    }

    @Test
    void aTextFileNamedPngIsNoImage() throws IOException {
        Path text = Files.writeString(dir.resolve("notes.png"), "Not a picture, only words.\n");
        assertThat(sentenceOf(() -> Pixels.read(text))).contains("notes.png", "not an image");
    }

    @Test
    void aJpegNamedPngIsReadByItsContent() throws IOException {
        byte[] jpeg = PillowCases.file("rgb.jpeg");
        Path file = Files.write(dir.resolve("photo.png"), jpeg);
        assertThat(Pixels.read(file)).isEqualTo(Pixels.decode(jpeg, "photo"));
    }

    @Test
    void aDamagedPngIsOneSentence() throws IOException {
        byte[] png = PillowCases.file("rgb.png").clone();
        png[60] ^= 0x55;
        png[61] ^= 0x55;
        assertThat(sentenceOf(() -> Pixels.decode(png, "hurt.png"))).contains("hurt.png");
    }

    @ParameterizedTest
    @ValueSource(
            ints = {
                BufferedImage.TYPE_INT_RGB,
                BufferedImage.TYPE_INT_ARGB,
                BufferedImage.TYPE_INT_BGR,
                BufferedImage.TYPE_3BYTE_BGR,
                BufferedImage.TYPE_4BYTE_ABGR,
                BufferedImage.TYPE_4BYTE_ABGR_PRE,
                BufferedImage.TYPE_INT_ARGB_PRE
            })
    void everyColorLayoutGivesRedGreenBluePlanes(int type) {
        BufferedImage image = new BufferedImage(2, 1, type);
        image.setRGB(0, 0, 0xFF0A141E);
        image.setRGB(1, 0, 0xFFC8D2DC);
        byte[] expected = {10, (byte) 200, 20, (byte) 210, 30, (byte) 220};
        assertThat(Pixels.of(image)).isEqualTo(new Pixels(expected, 3, 1, 2));
    }

    @Test
    void alphaIsDroppedAndTheColorUnderItKept() {
        BufferedImage image = new BufferedImage(1, 1, BufferedImage.TYPE_INT_ARGB);
        image.setRGB(0, 0, 0x000A141E);
        assertThat(Pixels.of(image).data()).containsExactly(10, 20, 30);
    }

    @Test
    void grayKeepsItsStoredValueWithoutGamma() {
        BufferedImage image = new BufferedImage(1, 1, BufferedImage.TYPE_BYTE_GRAY);
        image.getRaster().setSample(0, 0, 0, 100);
        assertThat(Pixels.of(image)).isEqualTo(new Pixels(new byte[] {100}, 1, 1, 1));
        BufferedImage deep = new BufferedImage(1, 1, BufferedImage.TYPE_USHORT_GRAY);
        deep.getRaster().setSample(0, 0, 0, 200 * 256 + 255);
        assertThat(Pixels.of(deep).data()).containsExactly((byte) 200);
    }

    @Test
    void aSubimageIsReadFromItsOwnCorner() {
        BufferedImage image = new BufferedImage(4, 4, BufferedImage.TYPE_3BYTE_BGR);
        image.setRGB(2, 1, 0xFF010203);
        assertThat(Pixels.of(image.getSubimage(2, 1, 1, 1)).data()).containsExactly(1, 2, 3);
    }

    @Test
    void floatingPointSamplesAreRefused() {
        ComponentColorModel model =
                new ComponentColorModel(
                        ColorSpace.getInstance(ColorSpace.CS_GRAY),
                        false,
                        false,
                        Transparency.OPAQUE,
                        DataBuffer.TYPE_FLOAT);
        WritableRaster raster = model.createCompatibleWritableRaster(2, 2);
        BufferedImage image = new BufferedImage(model, raster, false, null);
        assertThatThrownBy(() -> Pixels.of(image))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("floating-point")
                .hasMessageContaining("8-bit");
    }

    @Test
    void grayIsRepeatedToThreeChannels() {
        Pixels gray = new Pixels(new byte[] {1, 2}, 1, 1, 2);
        assertThat(gray.toChannels(3))
                .isEqualTo(new Pixels(new byte[] {1, 2, 1, 2, 1, 2}, 3, 1, 2));
        assertThat(gray.toChannels(1)).isSameAs(gray);
        assertThatThrownBy(() -> gray.toChannels(2)).hasMessageContaining("2 channels");
    }

    @ParameterizedTest
    @CsvSource({
        "37,91,24,16",
        "91,37,24,16",
        "40,40,24,23",
        "10,17,24,24",
        "31,31,31,20",
        "50,70,25,25",
        "30,45,30,31",
        "300,200,256,224"
    })
    void resizingAndCroppingAtOnceKeepsWhatOneAfterTheOtherKeeps(
            int height, int width, int size, int crop) {
        byte[] samples = new byte[3 * height * width];
        new Random(height).nextBytes(samples);
        Pixels image = new Pixels(samples, 3, height, width);
        for (Interpolation pillows : List.of(Interpolation.BILINEAR, Interpolation.BICUBIC)) {
            assertThat(image.resizeAndCrop(size, crop, pillows))
                    .isEqualTo(image.resizeShorterSide(size, pillows).centerCrop(crop));
        }
    }

    @Test
    void wrongSizesAreRefusedWithTheValue() {
        Pixels image = new Pixels(new byte[6], 1, 2, 3);
        assertThatThrownBy(() -> new Pixels(new byte[5], 1, 2, 3))
                .hasMessageContaining("5 samples");
        assertThatThrownBy(() -> image.resizeShorterSide(0)).hasMessageContaining("to 0 pixels");
        assertThatThrownBy(() -> image.centerCrop(-1)).hasMessageContaining("to -1 pixels");
        for (Interpolation interpolation : Interpolation.values()) {
            assertThat(image.resizeShorterSide(2, interpolation)).isSameAs(image);
        }
    }

    @Test
    void withOpenCvTheLongerSideIsRoundedAndTheCropBeginsBeforeTheMiddle() {
        Pixels image = new Pixels(new byte[] {0, 10, 20, 30, 40, 50}, 1, 2, 3);
        assertThat(image.resizeShorterSide(3, Interpolation.BICUBIC))
                .hasToString("Pixels(1, 3, 4)");
        assertThat(image.resizeShorterSide(3, Interpolation.OPENCV_BILINEAR)) // 4.5, half to even
                .hasToString("Pixels(1, 3, 4)");
        assertThat(image.resizeShorterSide(5, Interpolation.BICUBIC))
                .hasToString("Pixels(1, 5, 7)");
        assertThat(image.resizeShorterSide(5, Interpolation.OPENCV_BILINEAR)) // 7.5
                .hasToString("Pixels(1, 5, 8)");
        Pixels wide = new Pixels(new byte[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, 1, 1, 10);
        Pixels upright = new Pixels(wide.data(), 1, 10, 1);
        assertThat(wide.resizeAndCrop(1, 1, Interpolation.BILINEAR).data()).containsExactly(5);
        Pixels odd = new Pixels(new byte[] {1, 2, 3, 4}, 1, 1, 4); // starts at 1.5
        assertThat(odd.resizeAndCrop(1, 1, Interpolation.BILINEAR).data()).containsExactly(3);
        assertThat(odd.resizeAndCrop(1, 1, Interpolation.OPENCV_BILINEAR).data())
                .containsExactly(2);
        assertThat(upright.resizeAndCrop(1, 1, Interpolation.OPENCV_BILINEAR).data())
                .containsExactly(5);
    }
}
