package org.mobilenetv3.preprocessing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.mobilenetv3.image.Normalization;
import org.mobilenetv3.image.Pixels;

/** By the figures that src/test/python/stretched.py wrote. */
class StretchedImageTest {

    @Test
    void equalsInterpolateOfPyTorch() throws IOException {
        List<String> cases;
        try (InputStream file = getClass().getResourceAsStream("/image/stretched.txt")) {
            cases = new String(file.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
        }
        assertThat(cases).hasSize(11);
        for (String line : cases) {
            double[] f = Arrays.stream(line.split(" ")).mapToDouble(Double::parseDouble).toArray();
            int channels = (int) f[0];
            float[] out =
                    StretchedImage.of(
                            pattern(channels, (int) f[1], (int) f[2]),
                            new StretchedImage.Part((int) f[3], (int) f[4], (int) f[5], (int) f[6]),
                            new int[] {9, 8, 7},
                            Normalization.unit(channels).tables(),
                            (int) f[7],
                            (int) f[8]);
            assertThat(out).as(line).hasSize((int) (channels * f[7] * f[8]));
            for (int i = 0; i < 24; i++) {
                assertThat((double) out[i * out.length / 24])
                        .as("%s, value %s", line, i)
                        .isCloseTo(f[9 + i], within(3e-7));
            }
            double mean =
                    IntStream.range(0, out.length).mapToDouble(i -> out[i]).average().orElse(0);
            assertThat(mean).as(line).isCloseTo(f[33], within(1e-7));
        }
    }

    /** As PillowCases has it. */
    private static Pixels pattern(int channels, int height, int width) {
        byte[] data = new byte[channels * height * width];
        long x = 12345;
        for (int i = 0; i < height * width; i++) {
            for (int c = 0; c < channels; c++) {
                x = (x * 1103515245 + 12345) & 0x7FFFFFFF;
                data[c * height * width + i] = (byte) (x >> 16);
            }
        }
        return new Pixels(data, channels, height, width);
    }

    @Test
    void aWholeImageOfTheSizeIsOnlyNormalized() {
        Pixels image = pattern(3, 8, 6);
        float[] expected = new float[3 * 48];
        Normalization.IMAGENET.apply(image.data(), 48, expected, 0);
        assertThat(StretchedImage.of(image, Normalization.IMAGENET.tables(), 8, 6))
                .containsExactly(expected);
    }

    @Test
    void aPartWithoutPixelsIsRefused() {
        assertThatThrownBy(() -> new StretchedImage.Part(3, 3, 0, 5))
                .hasMessage("A part of 0 by 5 pixels cannot be stretched; give at least 1 by 1.");
    }
}
