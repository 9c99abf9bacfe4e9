package org.mobilenetv3.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.CRC32;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ImageHeaderTest {
    private static final byte[] EXIF = {
        'M', 'M', 0, 42, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0, 0, 0, 0, 0
    };

    @TempDir private Path folder;
    private Path file;

    @BeforeEach
    void prepare() {
        file = folder.resolve("image");
    }

    private static byte[] encoded(String kind) throws IOException {
        BufferedImage image = new BufferedImage(30, 20, BufferedImage.TYPE_INT_RGB);
        for (int i = 0; i < 600; i++) {
            image.setRGB(i % 30, i / 30, i * 7919);
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ImageIO.write(image, kind, out);
        return out.toByteArray();
    }

    private ImageHeader read(byte[] bytes) throws IOException {
        Files.write(file, bytes);
        try (DecodingMemory.Share share = DecodingMemory.ofHeap().share()) {
            return ImageHeader.read(file, share);
        }
    }

    /** A JPEG with segments behind its first marker. */
    private static byte[] jpeg(byte[]... segments) throws IOException {
        byte[] plain = encoded("jpg");
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(plain, 0, 2);
        for (byte[] segment : segments) {
            out.writeBytes(segment);
        }
        out.write(plain, 2, plain.length - 2);
        return out.toByteArray();
    }

    private static byte[] segment(int marker, byte[] content) {
        return ByteBuffer.allocate(content.length + 4)
                .putShort((short) (0xFF00 | marker))
                .putShort((short) (content.length + 2))
                .put(content)
                .array();
    }

    private static byte[] exifSegment() {
        byte[] name = "Exif\0\0".getBytes(StandardCharsets.ISO_8859_1);
        byte[] content = Arrays.copyOf(name, name.length + EXIF.length);
        System.arraycopy(EXIF, 0, content, name.length, EXIF.length);
        return segment(0xE1, content);
    }

    private static byte[] chunk(String type, byte[] content) {
        byte[] chunk =
                ByteBuffer.allocate(content.length + 12)
                        .putInt(content.length)
                        .put(type.getBytes(StandardCharsets.ISO_8859_1))
                        .put(content)
                        .array();
        CRC32 sum = new CRC32();
        sum.update(chunk, 4, content.length + 4);
        return ByteBuffer.wrap(chunk).putInt(content.length + 8, (int) sum.getValue()).array();
    }

    private void checkAgainstPixels(ImageHeader header) throws IOException {
        Pixels pixels = Pixels.read(file);
        assertThat(header.uprightHeight()).isEqualTo(pixels.height());
        assertThat(header.uprightWidth()).isEqualTo(pixels.width());
    }

    @ParameterizedTest
    @ValueSource(strings = {"png", "jpg", "gif", "bmp"})
    void theSizeIsThatOfTheDecodedImage(String kind) throws IOException {
        ImageHeader header = read(encoded(kind));
        assertThat(header).isEqualTo(new ImageHeader(20, 30, 1));
        checkAgainstPixels(header);
    }

    @Test
    void aTurnedJpegIsFoundHoweverLongItsHeader() throws IOException {
        byte[] large = segment(0xE2, new byte[60_000]);
        for (byte[] bytes :
                new byte[][] {
                    jpeg(exifSegment()),
                    jpeg(large, exifSegment()),
                    jpeg(large, large, exifSegment(), large)
                }) {
            ImageHeader header = read(bytes);
            assertThat(header).isEqualTo(new ImageHeader(20, 30, 6));
            checkAgainstPixels(header);
        }
    }

    @Test
    void aTurnedPngIsFoundWhereverItsExifStands() throws IOException {
        byte[] plain = encoded("png");
        int end = plain.length - 12; // IEND
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(plain, 0, end);
        out.writeBytes(chunk("eXIf", EXIF));
        out.write(plain, end, 12);
        ImageHeader header = read(out.toByteArray());
        assertThat(header).isEqualTo(new ImageHeader(20, 30, 6));
        checkAgainstPixels(header);
    }

    @ParameterizedTest
    @ValueSource(strings = {"png", "jpg", "gif", "bmp"})
    void aFileThatBreaksOffIsRefused(String kind) throws IOException {
        byte[] whole = encoded(kind);
        assertThatThrownBy(() -> read(Arrays.copyOf(whole, whole.length * 2 / 3)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("damaged, truncated");
        assertThatThrownBy(() -> read(new byte[0])).hasMessageContaining("is empty");
    }

    @Test
    void whatFollowsAJpegDoesNotMatter() throws IOException {
        byte[] whole = encoded("jpg");
        byte[] longer = Arrays.copyOf(whole, whole.length + 100); // zeros
        assertThat(read(longer)).isEqualTo(new ImageHeader(20, 30, 1));
        Arrays.fill(longer, whole.length, longer.length, (byte) 'x');
        assertThat(read(longer)).isEqualTo(new ImageHeader(20, 30, 1));
    }

    @Test
    void samplesAreNotDecoded() throws IOException {
        byte[] png = encoded("png");
        int data = new String(png, StandardCharsets.ISO_8859_1).indexOf("IDAT");
        png[data + 20] ^= 0x55;
        assertThat(read(png)).isEqualTo(new ImageHeader(20, 30, 1));
        assertThatThrownBy(() -> Pixels.read(file)).isInstanceOf(IOException.class);
    }

    @Test
    void aSizeThatNoImageHasIsRefused() throws IOException {
        byte[] png = encoded("png");
        ByteBuffer.wrap(png).putInt(16, 2_000_000_000);
        assertThatThrownBy(() -> read(png)).isInstanceOf(IOException.class);
    }
}
