package org.mobilenetv3.train.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.TimeUnit;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.mobilenetv3.image.Normalization;
import org.mobilenetv3.image.Pixels;
import org.mobilenetv3.preprocessing.Preprocessing;

@Timeout(120)
class ImageStreamTest {

    private static final Preprocessing INPUT = new Preprocessing(16, 18, Normalization.IMAGENET);
    private static final int BROKEN = 5;

    @TempDir private static Path folder;
    private static final List<LabeledFile> FILES = new ArrayList<>();

    /** 23 images, of which the sixth is none. */
    @BeforeAll
    static void draw() throws IOException {
        for (int i = 0; i < 23; i++) {
            byte[] samples = new byte[3 * 20 * 30];
            for (int j = 0; j < samples.length; j++) {
                samples[j] = (byte) (i * 11 + j * (i + 1));
            }
            Path file = folder.resolve("image" + i + ".png");
            ImageIO.write(new Pixels(samples, 3, 20, 30).toImage(), "png", file.toFile());
            FILES.add(new LabeledFile(file, 100 + i));
        }
        Files.writeString(FILES.get(BROKEN).file(), "no image");
    }

    private static ImageStream stream(int first, int batchSize, int threads, List<String> told) {
        return new ImageStream(
                FILES, first, INPUT, Normalization.IMAGENET, batchSize, threads, told::add);
    }

    private record Copy(List<Integer> indices, List<Long> labels, float[] values) {}

    private static Copy copy(Batch batch) {
        FloatBuffer floats = batch.pixels().asFloatBuffer();
        float[] values = new float[floats.remaining()];
        floats.get(values);
        return new Copy(
                Arrays.stream(batch.indices()).boxed().toList(),
                Arrays.stream(batch.labels()).boxed().toList(),
                values);
    }

    private static List<Copy> all(ImageStream stream) {
        List<Copy> copies = new ArrayList<>();
        while (stream.hasNext()) {
            try (Batch batch = stream.next()) {
                copies.add(copy(batch));
            }
        }
        return copies;
    }

    @Test
    void imagesComeInOrderAsInPredictionAndBrokenOnesLeaveNoGap() throws IOException {
        List<String> told = new ArrayList<>();
        List<Copy> copies;
        try (ImageStream stream = stream(0, 4, 3, told)) {
            copies = all(stream);
        }
        assertThat(copies).hasSize(6);
        assertThat(copies.get(1).indices()).containsExactly(4, 6, 7);
        assertThat(copies.get(5).indices()).containsExactly(20, 21, 22);
        assertThat(told).hasSize(1);
        assertThat(told.get(0)).contains("image5.png").endsWith(".");
        for (Copy copy : copies) {
            for (int i = 0; i < copy.indices().size(); i++) {
                int index = copy.indices().get(i);
                assertThat(copy.labels().get(i)).isEqualTo(100 + index);
                float[] expected =
                        INPUT.apply(Pixels.read(FILES.get(index).file()), Normalization.IMAGENET);
                int length = expected.length;
                assertThat(Arrays.copyOfRange(copy.values(), i * length, (i + 1) * length))
                        .containsExactly(expected);
            }
        }
    }

    @Test
    void theNumberOfThreadsAndWhereItBeginsChangeNothing() {
        List<Copy> one;
        try (ImageStream stream = stream(0, 4, 1, new ArrayList<>())) {
            one = all(stream);
        }
        try (ImageStream stream = stream(0, 4, 7, new ArrayList<>())) {
            assertThat(all(stream)).usingRecursiveComparison().isEqualTo(one);
        }
        try (ImageStream stream = stream(12, 4, 2, new ArrayList<>())) {
            assertThat(all(stream)).usingRecursiveComparison().isEqualTo(one.subList(3, 6));
        }
    }

    @Test
    void aBatchMayBeEmptyAndTheEndIsTheEnd() {
        try (ImageStream stream = stream(BROKEN, 1, 2, new ArrayList<>())) {
            assertThat(stream.next().size()).isZero();
            assertThat(stream.next().indices()).containsExactly(6);
        }
        try (ImageStream stream = stream(FILES.size(), 4, 2, new ArrayList<>())) {
            assertThat(stream.hasNext()).isFalse();
            assertThatThrownBy(stream::next).isInstanceOf(NoSuchElementException.class);
        }
    }

    /** However slow the consumer is, and however many threads there are. */
    @Test
    void noMoreThanThreeBatchesAreEverInMemory() throws InterruptedException {
        try (ImageStream stream = stream(0, 2, 8, new ArrayList<>())) {
            while (stream.hasNext()) {
                TimeUnit.MILLISECONDS.sleep(20);
                stream.next().close();
                assertThat(stream.batchesHeld()).isLessThanOrEqualTo(ImageStream.AHEAD + 1);
            }
            assertThat(stream.batchesHeld()).isEqualTo(ImageStream.AHEAD + 1);
        }
    }

    @Test
    void aFailureOfAWorkerReachesTheConsumer() {
        Preprocessing gray = new Preprocessing(16, 16, Normalization.MNIST);
        try (ImageStream stream =
                new ImageStream(
                        FILES, 0, gray, Normalization.IMAGENET, 4, 2, new ArrayList<>()::add)) {
            assertThatThrownBy(stream::next)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("image0.png")
                    .hasCauseInstanceOf(IllegalArgumentException.class);
        }
        assertThatThrownBy(() -> stream(0, 0, 1, new ArrayList<>()))
                .hasMessageContaining("batch size is 0");
    }
}
