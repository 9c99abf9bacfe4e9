package org.mobilenetv3.train.data.augment;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.mobilenetv3.image.Pixels;

/** By the figures that src/test/python/scenes.py wrote. */
class HueTest {

    /** Every fifth value of each channel. */
    private static Pixels cube() {
        int plane = 52 * 52 * 52;
        byte[] samples = new byte[3 * plane];
        for (int i = 0; i < plane; i++) {
            samples[i] = (byte) (5 * (i % 52));
            samples[plane + i] = (byte) (5 * (i / 52 % 52));
            samples[2 * plane + i] = (byte) (5 * (i / 2704));
        }
        return new Pixels(samples, 3, 52 * 52, 52);
    }

    @Test
    void equalsTorchvisionsOnPillowImagesBitForBit() throws IOException {
        try (Reader reader =
                new InputStreamReader(
                        HueTest.class.getResourceAsStream("/golden/scenes.json"),
                        StandardCharsets.UTF_8)) {
            JsonObject figures = JsonParser.parseReader(reader).getAsJsonObject();
            assertThat(figures.getAsJsonArray("hue")).hasSize(9);
            for (JsonElement element : figures.getAsJsonArray("hue")) {
                JsonObject row = element.getAsJsonObject();
                CRC32 crc = new CRC32();
                crc.update(ColorOps.hue(cube(), row.get("turns").getAsDouble()).data());
                assertThat(crc.getValue()).as("%s", row).isEqualTo(row.get("crc").getAsLong());
            }
        }
        Pixels gray = new Pixels(new byte[] {1, 2, 3, 4}, 1, 2, 2);
        assertThat(ColorOps.hue(gray, 0.3)).isSameAs(gray);
    }

    @Test
    void distortionReachesEveryOrderOfChannelsAndLeavesSomeImagesAlone() {
        Pixels image = new Pixels(new byte[] {40, 90, (byte) 200}, 3, 1, 1);
        Set<String> orders = new HashSet<>();
        int same = 0;
        for (int i = 0; i < 2000; i++) {
            Pixels out = PhotometricDistortion.apply(image, SplitMix.of(3, i));
            same += out.equals(image) ? 1 : 0;
            Integer[] order = {0, 1, 2};
            Arrays.sort(order, (a, b) -> (out.data()[a] & 0xFF) - (out.data()[b] & 0xFF));
            orders.add(Arrays.toString(order));
        }
        assertThat(orders).hasSize(6);
        // Each of five with one half; of the orders one in six is the old one.
        assertThat(same / 2000.0).isBetween(0.025, 0.07);
        Pixels gray = new Pixels(new byte[] {40}, 1, 1, 1);
        assertThat(PhotometricDistortion.apply(gray, SplitMix.of(1)).channels()).isEqualTo(1);
    }
}
