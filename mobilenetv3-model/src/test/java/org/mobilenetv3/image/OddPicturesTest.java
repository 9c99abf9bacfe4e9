package org.mobilenetv3.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.mobilenetv3.image.PillowCases.Encoded;

/** Pictures as phones, scanners and old programs write them, against the samples Pillow reads. */
class OddPicturesTest {
    @TestFactory
    List<DynamicTest> aColorProfileIsIgnored() {
        return tests("profile");
    }

    @TestFactory
    List<DynamicTest> aBrokenProfileASecondMarkerAndALostBlockRefuseNoJpeg() {
        return tests("refused");
    }

    @TestFactory
    List<DynamicTest> colorsAreWhatLibjpegDecidesFromMarkersAndComponentNames() {
        return tests("colours");
    }

    @TestFactory
    List<DynamicTest> orientationIsFoundInExifXmpAndTextsOfEveryFormat() {
        return tests("turned");
    }

    @TestFactory
    List<DynamicTest> aGifCoversItsWholeScreen() {
        return tests("screen");
    }

    @TestFactory
    List<DynamicTest> everyDepthIsReadAsPillowReadsIt() {
        return tests("depth");
    }

    @Test
    void aJpegThatEndsWithinItsPixelsIsStillRefused() {
        Encoded whole = PillowCases.pictures("colours").findFirst().orElseThrow();
        byte[] cut = Arrays.copyOf(whole.file(), whole.file().length - 100);
        assertThat(PixelsTest.sentenceOf(() -> Pixels.decode(cut, "cut.jpg"))).contains("cut.jpg");
    }

    private static List<DynamicTest> tests(String name) {
        List<DynamicTest> tests =
                PillowCases.pictures(name)
                        .map(p -> DynamicTest.dynamicTest(p.name(), () -> equalsPillow(p)))
                        .toList();
        assertThat(tests).isNotEmpty();
        return tests;
    }

    private static void equalsPillow(Encoded golden) throws IOException {
        Pixels image = Pixels.decode(golden.file(), golden.name());
        assertThat(image).hasToString(golden.expected().toString());
        int largest = 0;
        for (int i = 0; i < image.data().length; i++) {
            int right = golden.expected().data()[i] & 0xFF;
            largest = Math.max(largest, Math.abs((image.data()[i] & 0xFF) - right));
        }
        assertThat(largest).as("largest difference").isLessThanOrEqualTo(golden.tolerance());
    }
}
