package org.mobilenetv3.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DecodingMemoryTest {
    private static final int HEIGHT = 302;
    private static final int WIDTH = 401;
    private static final long WHOLE = 3L * HEIGHT * WIDTH;

    @TempDir Path dir;

    private Path picture(String format, int type) throws IOException {
        BufferedImage image = new BufferedImage(WIDTH, HEIGHT, type);
        for (int y = 0; y < HEIGHT; y++) {
            for (int x = 0; x < WIDTH; x++) {
                image.setRGB(x, y, 0xFF000000 | ((x * 7919 + y * 104729) & 0xFFFFFF));
            }
        }
        Path file = dir.resolve("picture." + format);
        assertThat(ImageIO.write(image, format, file.toFile())).isTrue();
        return file;
    }

    private static Pixels read(Path file, long bytes) throws IOException {
        try (DecodingMemory.Share share = new DecodingMemory(bytes).share()) {
            return Pixels.read(file, share);
        }
    }

    /** The mean of squares; at the right and lower edge of what is left of them. */
    private static Pixels means(Pixels in, int factor) {
        int height = (in.height() + factor - 1) / factor;
        int width = (in.width() + factor - 1) / factor;
        byte[] out = new byte[in.channels() * height * width];
        for (int i = 0; i < out.length; i++) {
            int c = i / (height * width);
            int top = i / width % height * factor;
            int left = i % width * factor;
            int sum = 0;
            int count = 0;
            for (int y = top; y < Math.min(in.height(), top + factor); y++) {
                for (int x = left; x < Math.min(in.width(), left + factor); x++) {
                    sum += in.data()[(c * in.height() + y) * in.width() + x] & 0xFF;
                    count++;
                }
            }
            out[i] = (byte) ((sum + count / 2) / count);
        }
        return new Pixels(out, in.channels(), height, width);
    }

    @ParameterizedTest
    @CsvSource({"jpg,2", "jpg,4", "png,2", "png,4", "bmp,4"})
    void aPictureForWhichThereIsNeverRoomBecomesTheMeansOfSquares(String format, int factor)
            throws IOException {
        Path file = picture(format, BufferedImage.TYPE_3BYTE_BGR);
        Pixels whole = read(file, 4 * WHOLE);
        assertThat(whole.width()).isEqualTo(WIDTH);
        long room = WHOLE / factor / factor + (1 << 16);
        Pixels small = read(file, format.equals("jpg") ? room : 2 * room);
        assertThat(small).isEqualTo(means(whole, factor));
    }

    @Test
    void aPictureThatFitsWithoutItsReadersCopyIsReadInPiecesWithoutLoss() throws IOException {
        Path file = picture("png", BufferedImage.TYPE_4BYTE_ABGR);
        Pixels whole = read(file, 4 * WHOLE);
        assertThat(read(file, 2 * WHOLE + (1 << 16))).isEqualTo(whole);
    }

    @Test
    void aSecondPictureWaitsUntilTheFirstIsNoLongerNeeded() throws Exception {
        Path file = picture("jpg", BufferedImage.TYPE_3BYTE_BGR);
        DecodingMemory memory = new DecodingMemory(WHOLE + WHOLE / 2);
        CompletableFuture<Pixels> second;
        try (DecodingMemory.Share first = memory.share()) {
            Pixels read = Pixels.read(file, first);
            second = CompletableFuture.supplyAsync(() -> readWith(memory, file));
            assertThat(second.completeOnTimeout(null, 200, TimeUnit.MILLISECONDS).get()).isNull();
            second = CompletableFuture.supplyAsync(() -> readWith(memory, file));
            assertThat(read.height()).isEqualTo(HEIGHT);
        }
        assertThat(second.get(30, TimeUnit.SECONDS).height()).isEqualTo(HEIGHT);
    }

    private static Pixels readWith(DecodingMemory memory, Path file) {
        try (DecodingMemory.Share share = memory.share()) {
            return Pixels.read(file, share);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void aPictureThatDoesNotFitIsNamedWithJavasMemory() throws IOException {
        Path file = Files.createFile(dir.resolve("scan.png"));
        Throwable thrown = new ImageTooLargeException(file.toString(), new OutOfMemoryError());
        assertThat(
                        PixelsTest.sentenceOf(
                                () -> {
                                    throw thrown;
                                }))
                .contains("scan.png", Runtime.getRuntime().maxMemory() / (1 << 20) + " MB", "-Xmx");
    }
}
