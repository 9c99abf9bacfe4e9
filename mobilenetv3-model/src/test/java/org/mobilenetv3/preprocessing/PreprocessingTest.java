package org.mobilenetv3.preprocessing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.util.JsonUtils;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mobilenetv3.detection.Golden;
import org.mobilenetv3.image.Interpolation;
import org.mobilenetv3.image.Normalization;
import org.mobilenetv3.image.Pixels;

class PreprocessingTest {

    private static final String SQUARE =
            "{\"size\":224,\"resize\":256,\"interpolation\":\"bilinear\",\"normalization\":{\"mean\":[0.5],\"std\":[0.25]}}";
    private static final String PADDED =
            "{\"height\":48,\"width\":192,\"normalization\":{\"mean\":[0.5],\"std\":[0.25]}}";
    private static final Normalization GREY = Normalization.uniform(1, 0.5f, 0.25f);

    @Test
    void squaresAreReadAndWritten() {
        Preprocessing square = new Preprocessing(Fit.CenterCrop.photograph(224), GREY);
        assertThat(JsonUtils.GSON.fromJson(SQUARE, Preprocessing.class)).isEqualTo(square);
        assertThat(JsonUtils.GSON.toJson(square)).isEqualTo(SQUARE);
        String earlier = SQUARE.replace("\"interpolation\":\"bilinear\",", "");
        assertThat(earlier).isNotEqualTo(SQUARE);
        assertThat(JsonUtils.GSON.fromJson(earlier, Preprocessing.class)).isEqualTo(square);
    }

    @ParameterizedTest
    @CsvSource({
        "BILINEAR,bilinear,''",
        "BICUBIC,bicubic,', bicubic'",
        "OPENCV_BILINEAR,opencv_bilinear,', OpenCV''s bilinear'"
    })
    void everyInterpolationIsReadWrittenAndTold(
            Interpolation interpolation, String written, String told) {
        Fit fit = new Fit.CenterCrop(224, 235, interpolation);
        String json = JsonUtils.GSON.toJson(new Preprocessing(fit, GREY));
        assertThat(json).contains("\"interpolation\":\"" + written + "\"");
        assertThat(JsonUtils.GSON.fromJson(json, Preprocessing.class).fit()).isEqualTo(fit);
        assertThat(fit.describe()).isEqualTo("the shorter side to 235, the middle 224" + told);
    }

    @Test
    void anotherSizeKeepsTheInterpolationOfTheWeights() {
        Fit weights = new Fit.CenterCrop(224, 235, Interpolation.BICUBIC);
        assertThat(Fit.CenterCrop.photograph(112).inTheMannerOf(weights))
                .isEqualTo(new Fit.CenterCrop(112, 128, Interpolation.BICUBIC));
        Fit text = new Fit.PadRight(48, 192);
        assertThat(text.inTheMannerOf(weights)).isEqualTo(text);
        assertThat(Fit.CenterCrop.photograph(112).inTheMannerOf(text))
                .isEqualTo(new Fit.CenterCrop(112, 128));
    }

    @Test
    void wholeImagesKeepTheirProportion() {
        Preprocessing whole = new Preprocessing(new Fit.WholeImage(20), GREY);
        String json = JsonUtils.GSON.toJson(whole);
        assertThat(json)
                .isEqualTo(
                        "{\"shorterSide\":20,\"normalization\":{\"mean\":[0.5],\"std\":[0.25]}}");
        assertThat(JsonUtils.GSON.fromJson(json, Preprocessing.class)).isEqualTo(whole);
        assertThat(whole.fit().describe()).isEqualTo("the shorter side to 20, the whole image");
        assertThat(whole.fitted(new Pixels(new byte[30 * 50], 1, 30, 50)))
                .isEqualTo(new Pixels(new byte[20 * 33], 1, 20, 33)); // truncated
        assertThat(whole.apply(new Pixels(new byte[3 * 50 * 30], 3, 50, 30))).hasSize(33 * 20);
        assertThat(Fit.CenterCrop.photograph(96).inTheMannerOf(whole.fit()))
                .isEqualTo(new Fit.WholeImage(96));
    }

    @Test
    void anImageThatIsTooLongToBeTakenAsAWholeIsRefused() {
        Fit whole = new Fit.WholeImage(20);
        assertThat(whole.apply(new Pixels(new byte[80], 1, 10, 8)).width()).isEqualTo(20);
        assertThat(whole.apply(new Pixels(new byte[8 * 64], 1, 64, 8)).height()).isEqualTo(160);
        assertThatThrownBy(() -> whole.apply(new Pixels(new byte[8 * 65], 1, 8, 65)))
                .hasMessage(
                        "The image has 65x8 pixels, but one that is taken as a whole may be at most 8 times as long as wide; cut it.");
        assertThatThrownBy(() -> new Fit.WholeImage(0))
                .hasMessage("shorter side 0: give at least 1 pixel");
    }

    @Test
    void paddedImagesHaveAHeightAndAWidth() {
        Preprocessing padded = new Preprocessing(new Fit.PadRight(48, 192), GREY);
        assertThat(JsonUtils.GSON.fromJson(PADDED, Preprocessing.class)).isEqualTo(padded);
        assertThat(JsonUtils.GSON.toJson(padded)).isEqualTo(PADDED);
    }

    @Test
    void anythingElseIsRefused() {
        for (String damaged :
                new String[] {
                    "{}",
                    "[]",
                    SQUARE.replace("224", "300"),
                    SQUARE.replace("bilinear", "lanczos"),
                    SQUARE.replace("normalization", "other"),
                    PADDED.replace("48", "0"),
                    PADDED.replace("height", "other")
                }) {
            assertThatThrownBy(() -> JsonUtils.GSON.fromJson(damaged, Preprocessing.class))
                    .as(damaged)
                    .isInstanceOf(RuntimeException.class);
        }
    }

    @Test
    void aNarrowImageIsPaddedWithGrayOnTheRightAndAWideOneSqueezed() {
        Fit fit = new Fit.PadRight(2, 4);
        Pixels narrow = new Pixels(new byte[] {1, 2, 3, 4}, 1, 2, 2);
        assertThat(fit.apply(narrow).data())
                .containsExactly(1, 2, (byte) 128, (byte) 128, 3, 4, (byte) 128, (byte) 128);
        Pixels exact = new Pixels(new byte[] {1, 2, 3, 4, 5, 6, 7, 8}, 1, 2, 4);
        assertThat(fit.apply(exact)).isSameAs(exact);
        Pixels wide = new Pixels(new byte[2 * 40], 1, 2, 40);
        assertThat(fit.apply(wide)).hasToString("Pixels(1, 2, 4)");
        assertThat(fit.apply(wide).data()).containsOnly(0);
    }

    @Test
    void aWidthBetweenPixelsIsRoundedUp() {
        Pixels image = new Pixels(new byte[3 * 4], 1, 3, 4); // 2 high: 2.67 wide
        assertThat(new Fit.PadRight(2, 4).apply(image).data())
                .containsExactly(0, 0, 0, (byte) 128, 0, 0, 0, (byte) 128);
    }

    @Test
    void thePaddingOfEveryChannelIsTheSame() {
        Preprocessing color =
                new Preprocessing(new Fit.PadRight(1, 2), Normalization.uniform(3, 0.5f, 0.5f));
        Pixels image = new Pixels(new byte[] {0, (byte) 255, 51}, 3, 1, 1);
        float gray = 128 / 255f;
        assertThat(color.apply(image)).containsExactly(0, gray, 1, gray, 0.2f, gray);
        assertThat(color.apply(image, color.normalization())[1]).isBetween(0f, 0.004f);
    }

    record Stretched(int height, int width, int newHeight, int newWidth, float[] values) {}

    @Test
    void stretchedImagesAreTorchsInterpolations() throws Exception {
        for (Stretched golden : Golden.read("stretches.json", Stretched[].class)) {
            int count = 3 * golden.height * golden.width;
            float[] samples = Golden.fill(count, 50, 127.5, 127.5, 1);
            byte[] bytes = new byte[count];
            for (int i = 0; i < count; i++) {
                bytes[i] = (byte) (int) samples[i];
            }
            Pixels image = new Pixels(bytes, 3, golden.height, golden.width);
            Fit fit = new Fit.Stretch(golden.newHeight, golden.newWidth);
            Normalization halves = Normalization.uniform(3, 0.5f, 0.5f);
            float[] values = new Preprocessing(fit, halves).apply(image, halves);
            int at = 0;
            for (int c = 0; c < 3; c++) {
                for (int y = 0; y < golden.newHeight; y += 3) {
                    for (int x = 0; x < golden.newWidth; x++) {
                        int place = (c * golden.newHeight + y) * golden.newWidth + x;
                        assertThat(values[place]).isCloseTo(golden.values[at++], within(1e-6f));
                    }
                }
            }
            assertThat(at).isEqualTo(golden.values.length);
            byte[] rounded = fit.apply(image).data();
            for (int i = 0; i < rounded.length; i++) {
                double sample = 255 * (0.5 * values[i] + 0.5);
                assertThat(rounded[i] & 0xFF)
                        .isBetween((int) (sample - 0.51), (int) (sample + 0.51));
            }
        }
    }

    @Test
    void stretchesAreReadAndWritten() {
        Preprocessing stretch = new Preprocessing(new Fit.Stretch(320, 256), GREY);
        String json =
                "{\"height\":320,\"width\":256,\"fit\":\"stretch\",\"normalization\":{\"mean\":[0.5],\"std\":[0.25]}}";
        assertThat(JsonUtils.GSON.toJson(stretch)).isEqualTo(json);
        assertThat(JsonUtils.GSON.fromJson(json, Preprocessing.class)).isEqualTo(stretch);
        String other = json.replace("stretch", "squeeze");
        assertThatThrownBy(() -> JsonUtils.GSON.fromJson(other, Preprocessing.class))
                .hasMessageContaining("The fit is \"squeeze\" but must be stretch or left out.");
        assertThat(Fit.CenterCrop.photograph(224).inTheMannerOf(stretch.fit()))
                .isEqualTo(new Fit.Stretch(224, 224));
        assertThat(stretch.fit().describe()).isEqualTo("stretched to 256x320");
        assertThatThrownBy(() -> new Fit.Stretch(0, 3))
                .hasMessage("input height 0 and width 3: give at least 1 pixel each");
    }
}
