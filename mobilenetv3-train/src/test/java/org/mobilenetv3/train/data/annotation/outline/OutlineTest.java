package org.mobilenetv3.train.data.annotation.outline;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.util.JsonUtils;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;

/** Against pycocotools' masks: src/test/python/masks.py; -Dgolden.masks=FILE takes more. */
class OutlineTest {

    private static final class Case {
        private int height;
        private int width;
        private double[][] polygons;
        private double[] counts;
        private String text;
        private long area;
        private long crc;
    }

    private static Case[] cases() throws IOException {
        String more = System.getProperty("golden.masks");
        try (Reader in =
                more != null
                        ? Files.newBufferedReader(Path.of(more))
                        : new InputStreamReader(
                                Objects.requireNonNull(
                                        OutlineTest.class.getResourceAsStream(
                                                "/golden/coco-masks.json")),
                                StandardCharsets.UTF_8)) {
            return JsonUtils.GSON.fromJson(in, Case[].class);
        }
    }

    private static void check(Case one, Outline outline) {
        assertThat(outline.fits(one.height, one.width)).isTrue();
        byte[] pixels = new byte[one.height * one.width];
        outline.paint(pixels, one.height, one.width, (byte) 1);
        int area = 0;
        for (byte pixel : pixels) {
            area += pixel;
        }
        CRC32 sum = new CRC32();
        sum.update(pixels);
        assertThat(area).as(one.text).isEqualTo(one.area);
        assertThat(sum.getValue()).as(one.text).isEqualTo(one.crc);
    }

    private static Outline polygons(double[]... rings) {
        Polygons.Builder polygons = new Polygons.Builder();
        for (double[] ring : rings) {
            Arrays.stream(ring).forEach(polygons::add);
            polygons.close();
        }
        return polygons.build();
    }

    @Test
    void polygonsHaveThePixelsOfPycocotools() throws IOException {
        for (Case one : cases()) {
            check(one, polygons(one.polygons));
        }
    }

    @Test
    void plainRunLengthsHaveThePixelsOfPycocotools() throws IOException {
        for (Case one : cases()) {
            check(one, Runs.of(one.height, one.width, one.counts));
        }
    }

    @Test
    void compressedRunLengthsHaveThePixelsOfPycocotools() throws IOException {
        for (Case one : cases()) {
            check(one, Runs.of(one.height, one.width, one.text));
        }
    }

    @Test
    void runLengthsThatDoNotAddUpAreBroken() {
        assertThat(Runs.of(2, 3, new double[] {2, 4})).isNotSameAs(Outline.BROKEN);
        for (double[] counts :
                new double[][] {
                    {},
                    {2, 3},
                    {2, 5},
                    {-1, 7},
                    {2.5, 3.5},
                    {Double.NaN, 6},
                    {Integer.MAX_VALUE, Integer.MAX_VALUE, 8},
                    {6 + 4294967296.0}
                }) {
            assertThat(Runs.of(2, 3, counts)).isSameAs(Outline.BROKEN);
        }
        assertThat(Runs.of(0, 0, new double[] {})).isSameAs(Outline.BROKEN);
    }

    @Test
    void textsThatAreNoRunLengthsAreBroken() {
        assertThat(Runs.of(2, 3, "24")).isNotSameAs(Outline.BROKEN);
        for (String text :
                new String[] {
                    "",
                    "2",
                    "25",
                    "2 4",
                    "2\u00e94",
                    "\n",
                    "oooooooooooooo",
                    "P",
                    "2o",
                    "2@",
                    "OOOO"
                }) {
            assertThat(Runs.of(2, 3, text)).as(text).isSameAs(Outline.BROKEN);
        }
    }

    @Test
    void polygonsThatMakeNoSenseAreBroken() {
        assertThat(polygons(new double[] {0, 0, 5, 0, 5, 5})).isNotSameAs(Outline.BROKEN);
        assertThat(polygons()).isSameAs(Outline.BROKEN);
        assertThat(polygons(new double[] {0, 0, 5, 0})).isSameAs(Outline.BROKEN);
        assertThat(polygons(new double[] {0, 0, 5, 0, 5, 5, 1})).isSameAs(Outline.BROKEN);
        assertThat(polygons(new double[] {0, 0, 5, Double.NaN, 5, 5})).isSameAs(Outline.BROKEN);
        assertThat(polygons(new double[] {0, 0, 1e300, 0, 5, 5})).isSameAs(Outline.BROKEN);
        assertThat(polygons(new double[] {0, 0, 5, 0, 5, 5}, new double[0]))
                .isSameAs(Outline.BROKEN);
    }

    @Test
    void aPolygonFarOutsideDoesNotFit() {
        assertThat(polygons(new double[] {-9, 0, 19, 0, 5, 5}).fits(10, 10)).isTrue();
        assertThat(polygons(new double[] {0, 0, 21, 0, 5, 5}).fits(10, 10)).isFalse();
        assertThat(polygons(new double[] {0, 0, 5, -11, 5, 5}).fits(10, 10)).isFalse();
    }

    @Test
    void aBorderTooLongToWalkIsBroken() {
        double[] corners = new double[2000];
        for (int i = 0; i < corners.length; i += 2) {
            corners[i] = i % 4 == 0 ? 0 : 1e6;
        }
        assertThat(polygons(corners)).isSameAs(Outline.BROKEN);
    }

    @Test
    void packedNumbersAreTheSame() {
        int[] values = {
            0, -1, 5, 5, Integer.MAX_VALUE, Integer.MIN_VALUE, 7, 1 << 20, -(1 << 20), 127, 128, 64
        };
        PackedInts packed = new PackedInts();
        Arrays.stream(values).forEach(packed::add);
        assertThat(PackedInts.unpack(packed.packed(), packed.size())).isEqualTo(values);
    }
}
