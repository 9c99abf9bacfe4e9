package org.mobilenetv3.train.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mobilenetv3.train.report.EventReader.Message;
import org.mobilenetv3.train.run.EpochMetrics;
import org.mobilenetv3.train.run.Metric;

class EventFileTest {

    private static final Clock NOON =
            Clock.fixed(Instant.parse("2026-11-24T12:00:00.5Z"), ZoneOffset.UTC);
    private static final EpochMetrics EPOCH =
            new EpochMetrics(300, 0.003, 1.5, 0.5, 1.25, 0.625, Metric.TOP1, 10, 4096);

    @TempDir private Path run;

    /** RFC 3720, B.4: thirty-two zeros. */
    @Test
    void theReadersChecksumIsCastagnolis() {
        assertThat(EventReader.crc32c(new byte[32])).isEqualTo(0x8a9136aa);
        assertThat(EventReader.crc32c("123456789".getBytes(StandardCharsets.US_ASCII)))
                .isEqualTo(0xe3069283);
    }

    @Test
    void aFileBeginsWithTheVersionAndHoldsEachEpochsFigures() throws IOException {
        List<Message> events;
        try (EventFile file = EventFile.open(run, NOON)) {
            file.epoch(EPOCH);
            // Read while it is open: TensorBoard reads along.
            events = EventReader.read(file.path());
            assertThat(file.path().getFileName().toString())
                    .matches("events\\.out\\.tfevents\\.1795521600\\.[A-Za-z0-9-]+\\.\\d+\\.0");
        }
        assertThat(events).hasSize(2);
        assertThat(events.get(0).text(3)).isEqualTo("brain.Event:2");
        assertThat(events.get(0).real(1)).isEqualTo(1_795_521_600.5);
        assertThat(events.get(1).integer(2)).isEqualTo(300);
        assertThat(scalars(events.get(1)))
                .isEqualTo(
                        Map.of(
                                "train/loss", 1.5f,
                                "train/top1", 0.5f,
                                "validation/loss", 1.25f,
                                "validation/top1", 0.625f,
                                "learning_rate", 0.003f,
                                "images_per_second", 4096f));
    }

    @Test
    void aResumedRunStartsAnotherLaterFileWithASessionStartAtTheNextEpoch() throws IOException {
        Path first;
        Path second;
        try (EventFile file = EventFile.open(run, NOON)) {
            file.epoch(EPOCH);
            first = file.path();
        }
        // Within one second, and on a clock that was put back.
        Clock earlier = Clock.fixed(NOON.instant().minusSeconds(3600), ZoneOffset.UTC);
        try (EventFile file = EventFile.resume(run, 299, earlier)) {
            second = file.path();
        }
        assertThat(second.getFileName().toString()).isGreaterThan(first.getFileName().toString());
        List<Message> events = EventReader.read(second);
        assertThat(events.get(0).text(3)).isEqualTo("brain.Event:2");
        assertThat(events.get(1).integer(2)).isEqualTo(300);
        assertThat(events.get(1).message(7).integer(1)).isEqualTo(1);
        assertThat(EventReader.read(first)).hasSize(2);
    }

    @Test
    void theTestIsWrittenAtTheBestEpochWithWhatIsKnown() throws IOException {
        try (EventFile file = EventFile.start(run)) {
            file.test(TestRuns.result(3, 4));
            Message event = EventReader.read(file.path()).get(1);
            assertThat(event.integer(2)).isEqualTo(2);
            assertThat(scalars(event)).containsOnlyKeys("test/loss", "test/top1");
            assertThat(scalars(event).get("test/top1")).isEqualTo(0.75f);
        }
    }

    @Test
    void theRecipeIsATableAndTheConfusionMatrixAPicture() throws IOException {
        try (EventFile file = EventFile.start(run)) {
            file.table("recipe", Map.of("a|b", "0.02"));
            file.image(4, "test/confusion", new BufferedImage(7, 5, BufferedImage.TYPE_INT_RGB));
            List<Message> events = EventReader.read(file.path());
            Message text = events.get(1).message(5).message(1);
            assertThat(text.text(1)).isEqualTo("recipe/text_summary");
            assertThat(text.message(9).message(1).text(1)).isEqualTo("text");
            assertThat(text.message(8).integer(1)).isEqualTo(7);
            assertThat(text.message(8).text(8)).contains("| a\\|b | 0.02 |");
            Message image = events.get(2).message(5).message(1).message(4);
            assertThat(image.integer(1)).isEqualTo(5);
            assertThat(image.integer(2)).isEqualTo(7);
            assertThat(ImageIO.read(new ByteArrayInputStream(image.bytes(4))).getWidth())
                    .isEqualTo(7);
        }
    }

    private static Map<String, Float> scalars(Message event) {
        Map<String, Float> values = new TreeMap<>();
        for (Message value : event.message(5).messages(1)) {
            values.put(value.text(1), value.single(2));
        }
        return values;
    }
}
