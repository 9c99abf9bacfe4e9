package hostile;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/** Files of images, good and bad. */
final class ImageFiles {

    private ImageFiles() {}

    static byte[] encode(int width, int height, String format) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ImageIO.write(picture(width, height), format, out);
        return out.toByteArray();
    }

    private static BufferedImage picture(int width, int height) {
        Random random = new Random(2);
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                image.setRGB(x, y, x << 16 ^ y << 8 ^ random.nextInt(64));
            }
        }
        return image;
    }

    static byte[] jpeg(int width, int height, boolean progressive) throws IOException {
        ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
        ImageWriteParam how = writer.getDefaultWriteParam();
        how.setProgressiveMode(
                progressive ? ImageWriteParam.MODE_DEFAULT : ImageWriteParam.MODE_DISABLED);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (MemoryCacheImageOutputStream stream = new MemoryCacheImageOutputStream(out)) {
            writer.setOutput(stream);
            writer.write(null, new IIOImage(picture(width, height), null, null), how);
        } finally {
            writer.dispose();
        }
        return out.toByteArray();
    }

    /** A PNG whose pixels are so many zeros. */
    static byte[] png(int width, int height, int depth, int color, int zeros) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(new byte[] {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'});
        byte[] head =
                ByteBuffer.allocate(13)
                        .putInt(width)
                        .putInt(height)
                        .put((byte) depth)
                        .put((byte) color)
                        .array();
        chunk(out, "IHDR", head);
        chunk(out, "IDAT", deflated(zeros));
        chunk(out, "IEND", new byte[0]);
        return out.toByteArray();
    }

    /** A good PNG with a compressed chunk of 300 million zeros before its pixels. */
    static byte[] pngWithBomb(byte[] png, String type) throws IOException {
        String head = type.equals("iTXt") ? "key\0\1\0\0\0" : "key\0\0";
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        content.writeBytes(head.getBytes(StandardCharsets.ISO_8859_1));
        content.writeBytes(deflated(300_000_000));
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(png, 0, 33);
        chunk(out, type, content.toByteArray());
        out.write(png, 33, png.length - 33);
        return out.toByteArray();
    }

    private static byte[] deflated(int zeros) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Deflater best = new Deflater(Deflater.BEST_COMPRESSION);
        try (DeflaterOutputStream deflater = new DeflaterOutputStream(out, best)) {
            byte[] block = new byte[1 << 16];
            for (int left = zeros; left > 0; left -= block.length) {
                deflater.write(block, 0, Math.min(left, block.length));
            }
        } finally {
            best.end();
        }
        return out.toByteArray();
    }

    private static void chunk(ByteArrayOutputStream out, String type, byte[] content)
            throws IOException {
        DataOutputStream data = new DataOutputStream(out);
        byte[] name = type.getBytes(StandardCharsets.US_ASCII);
        CRC32 sum = new CRC32();
        sum.update(name);
        sum.update(content);
        data.writeInt(content.length);
        data.write(name);
        data.write(content);
        data.writeInt((int) sum.getValue());
    }

    /** A GIF whose screen and frame claim another size. */
    static byte[] gif(byte[] gif, int side) {
        byte[] huge = gif.clone();
        ByteBuffer bytes = ByteBuffer.wrap(huge).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putShort(6, (short) side).putShort(8, (short) side);
        int frame = frame(gif);
        bytes.putShort(frame + 5, (short) side).putShort(frame + 7, (short) side);
        return huge;
    }

    private static int frame(byte[] gif) {
        int at = 13 + ((gif[10] & 0x80) == 0 ? 0 : 3 << (gif[10] & 7) + 1);
        while (gif[at] != 0x2C) { // extensions
            at += 2;
            while (gif[at] != 0) {
                at += 1 + (gif[at] & 255);
            }
            at++;
        }
        return at;
    }

    /** A GIF of one pixel, then frames without end. */
    static byte[] frames(byte[] gif, int count) {
        byte[] frame = {0x2C, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, 0x44, 1, 0};
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(gif, 0, frame(gif));
        for (int i = 0; i < count; i++) {
            out.writeBytes(frame);
        }
        out.write(0x3B);
        return out.toByteArray();
    }

    /** A JPEG that claims another size in its frame header. */
    static byte[] jpegOf(byte[] jpeg, int side) {
        byte[] huge = jpeg.clone();
        int at = 2;
        while ((huge[at + 1] & 255) < 0xC0 || (huge[at + 1] & 255) > 0xC2) {
            at += 2 + ((huge[at + 2] & 255) << 8 | huge[at + 3] & 255);
        }
        ByteBuffer.wrap(huge).putShort(at + 5, (short) side).putShort(at + 7, (short) side);
        return huge;
    }

    /**
     * A progressive JPEG whose first scan comes again and again: little to send, long to decode.
     */
    static byte[] scans(byte[] jpeg, int times) {
        int first = scan(jpeg, 2);
        int end = first + 2;
        while (jpeg[end] != (byte) 0xFF || jpeg[end + 1] == 0) {
            end++;
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(jpeg, 0, end);
        for (int i = 0; i < times && out.size() + 2 * (end - first) < 16_000_000; i++) {
            out.write(jpeg, first, end - first);
        }
        out.write(jpeg, end, Math.max(0, Math.min(jpeg.length - end, 16_000_000 - out.size())));
        return out.toByteArray();
    }

    private static int scan(byte[] jpeg, int from) {
        int at = from;
        while ((jpeg[at + 1] & 255) != 0xDA) {
            at += 2 + ((jpeg[at + 2] & 255) << 8 | jpeg[at + 3] & 255);
        }
        return at;
    }
}
