package org.mobilenetv3.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mobilenetv3.image.Interpolation.BICUBIC;
import static org.mobilenetv3.image.Interpolation.OPENCV_BILINEAR;

import java.io.IOException;
import java.util.Arrays;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.mobilenetv3.image.PillowCases.Case;
import org.mobilenetv3.image.PillowCases.Encoded;
import org.mobilenetv3.preprocessing.Fit;

class PillowTest {
    static Stream<Case> cases() {
        return PillowCases.cases();
    }

    static Stream<Encoded> files() {
        return PillowCases.files();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void resizingCroppingAndLumaEqualPillowTorchvisionAndOpenCvBitForBit(Case golden) {
        Pixels image = PillowCases.pattern(golden.in()[0], golden.in()[1], golden.in()[2]);
        Pixels out =
                switch (golden.op()) {
                    case "resize" -> image.resizeShorterSide(golden.size());
                    case "crop" -> image.centerCrop(golden.size());
                    case "evaluate" -> image.resizeShorterSide(256).centerCrop(golden.size());
                    case "bicubic" -> image.resizeShorterSide(golden.size(), BICUBIC);
                    case "evaluate-bicubic" -> image.resizeAndCrop(256, golden.size(), BICUBIC);
                    case "opencv" -> image.resizeShorterSide(golden.size(), OPENCV_BILINEAR);
                    case "evaluate-opencv" ->
                            new Fit.CenterCrop(golden.size(), 256, OPENCV_BILINEAR).apply(image);
                    case "pad" -> new Fit.PadRight(golden.size(), 4 * golden.size()).apply(image);
                    case "luma" -> image.toChannels(1);
                    default -> throw new AssertionError(golden.op());
                };
        assertThat(new int[] {out.channels(), out.height(), out.width()}).isEqualTo(golden.out());
        String first =
                IntStream.range(0, Math.min(12, out.data().length))
                        .mapToObj(i -> String.valueOf(out.data()[i] & 0xFF))
                        .collect(Collectors.joining(","));
        assertThat(first).isEqualTo(golden.first());
        CRC32 crc = new CRC32();
        crc.update(out.data());
        assertThat(crc.getValue()).isEqualTo(golden.crc());
    }

    @ParameterizedTest
    @MethodSource("files")
    void filesDecodeToTheSamplesPillowReads(Encoded golden) throws IOException {
        Pixels image = Pixels.decode(golden.file(), golden.name());
        assertThat(image).hasToString(golden.expected().toString());
        byte[] samples = image.data();
        for (int i = 0; i < samples.length; i++) {
            int difference = (samples[i] & 0xFF) - (golden.expected().data()[i] & 0xFF);
            assertThat(Math.abs(difference))
                    .as("sample %d", i)
                    .isLessThanOrEqualTo(golden.tolerance());
        }
    }

    @ParameterizedTest
    @MethodSource("files")
    void aFileCutInItsPixelsIsOneSentenceNamingTheFile(Encoded golden) {
        for (int percent = 0; percent <= 70; percent += 10) {
            byte[] cut = Arrays.copyOf(golden.file(), golden.file().length * percent / 100);
            assertThat(PixelsTest.sentenceOf(() -> Pixels.decode(cut, golden.name())))
                    .as("%d percent", percent)
                    .contains(golden.name());
        }
    }
}
