package org.mobilenetv3.image;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** The golden figures of pillow.txt and opencv.txt, which pillow.py and opencv.py wrote. */
final class PillowCases {
    private PillowCases() {}

    /** One line "op height width channels size outC outH outW crc first12". */
    @SuppressWarnings("ArrayRecordComponent")
    record Case(String op, int[] in, int size, int[] out, long crc, String first) {
        @Override
        public String toString() {
            return String.format(
                    Locale.ROOT, "%s (%d, %d, %d) to %d", op, in[2], in[0], in[1], size);
        }
    }

    /** One line "file name C H W tolerance file samples", the last two in base 64. */
    @SuppressWarnings("ArrayRecordComponent")
    record Encoded(String name, int tolerance, byte[] file, Pixels expected) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Case> cases() {
        return Stream.concat(lines(), lines("/image/opencv.txt"))
                .filter(f -> !f[0].equals("file"))
                .map(PillowCases::parseCase);
    }

    static Stream<Encoded> files() {
        return lines().filter(f -> f[0].equals("file")).map(PillowCases::parseFile);
    }

    /** Those of pictures.txt, which src/test/python/pictures.py wrote, for one test. */
    static Stream<Encoded> pictures(String test) {
        return lines("/image/pictures.txt")
                .filter(f -> f[1].startsWith(test + ":"))
                .map(PillowCases::parseFile);
    }

    static byte[] file(String name) {
        return files().filter(f -> f.name().equals(name)).findFirst().orElseThrow().file();
    }

    /** The bytes of pillow.py's pattern, which makes them pixel by pixel, as a planar image. */
    static Pixels pattern(int height, int width, int channels) {
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

    private static Case parseCase(String[] f) {
        return new Case(
                f[0], ints(f, 1, 3), ints(f, 4, 1)[0], ints(f, 5, 3), Long.parseLong(f[8]), f[9]);
    }

    private static Encoded parseFile(String[] f) {
        int[] shape = ints(f, 2, 3);
        byte[] samples = Base64.getDecoder().decode(f[7]);
        Pixels expected = new Pixels(samples, shape[0], shape[1], shape[2]);
        return new Encoded(f[1], ints(f, 5, 1)[0], Base64.getDecoder().decode(f[6]), expected);
    }

    private static int[] ints(String[] fields, int from, int count) {
        return Stream.of(fields).skip(from).limit(count).mapToInt(Integer::parseInt).toArray();
    }

    private static Stream<String[]> lines() {
        return lines("/image/pillow.txt");
    }

    private static Stream<String[]> lines(String resource) {
        try (InputStream in = PillowCases.class.getResourceAsStream(resource)) {
            List<String> lines =
                    new String(in.readAllBytes(), StandardCharsets.US_ASCII).lines().toList();
            return lines.stream().map(line -> line.split(" ", -1));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
