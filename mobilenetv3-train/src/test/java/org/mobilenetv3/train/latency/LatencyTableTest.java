package org.mobilenetv3.train.latency;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import java.util.function.DoubleConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mobilenetv3.Architecture;
import org.mobilenetv3.Presets;
import org.mobilenetv3.Task;
import org.mobilenetv3.nn.BlockSpec;
import org.mobilenetv3.nn.InvertedResidual;

/** What is measured, kept and added up; the times are made up. */
class LatencyTableTest {

    private static final Architecture SMALL = Presets.of("mobilenet_v3_small");

    @TempDir private Path temporary;

    private final Clock clock = new Clock();
    private final List<Integer> missing = new ArrayList<>();

    /** Says that a unit takes as many milliseconds as its key has letters. */
    private static final class Clock implements UnitTimer {
        private int measurements;

        @Override
        public double[] milliseconds(List<Unit> net, DoubleConsumer progress) {
            measurements++;
            return net.stream().mapToDouble(x -> time(x.key())).toArray();
        }

        @Override
        public void close() {}
    }

    private static double time(JsonObject key) {
        return key.toString().length();
    }

    private static Conditions conditions(String cpu, int threads) {
        return new Conditions(
                cpu, 2, NetRuntime.ONNXRUNTIME, "1.28.0", threads, 1, "17", "2026-11-28");
    }

    private LatencyTable open(Path file) throws IOException {
        return LatencyTable.open(
                file,
                conditions("AMD EPYC", 1),
                clock,
                (count, units, share) -> {
                    if (share == 0) {
                        missing.add(count);
                    }
                });
    }

    private Path file() {
        return temporary.resolve("deep").resolve("table.json");
    }

    private static Architecture withExpanded(int row, int expanded) {
        List<BlockSpec> rows = new ArrayList<>(SMALL.blocks());
        InvertedResidual.Spec old = (InvertedResidual.Spec) rows.get(row);
        rows.set(row, old.withExpanded(expanded));
        return SMALL.withBlocks(rows);
    }

    @Test
    void aNetTakesTheSumOfItsUnits() throws IOException {
        double sum =
                Unit.of(SMALL, 224, 224).stream().map(Unit::key).mapToDouble(x -> time(x)).sum();
        try (LatencyTable table = open(file())) {
            assertThat(table.milliseconds(SMALL, 224, 224)).isCloseTo(sum, within(1e-9));
            assertThat(table.rows(SMALL, 224, 224))
                    .extracting(x -> x.unit().name())
                    .hasSize(13)
                    .startsWith("features.0", "features.1")
                    .endsWith("features.12");
        }
    }

    @Test
    void nothingIsMeasuredTwiceAlsoByALaterProcess() throws IOException {
        double first;
        try (LatencyTable table = open(file())) {
            first = table.milliseconds(SMALL, 224, 224);
            table.milliseconds(SMALL, 224, 224);
        }
        try (LatencyTable table = open(file())) {
            assertThat(table.milliseconds(SMALL, 224, 224)).isEqualTo(first);
            assertThat(clock.measurements).isEqualTo(1);
            table.milliseconds(withExpanded(4, 200), 224, 224);
        }
        // Two pairs of Small's blocks are the same.
        assertThat(missing).containsExactly(11, 1);
    }

    @Test
    void theFileShowsWhatAUnitIsAndItsTime() throws IOException {
        try (LatencyTable table = open(file())) {
            table.milliseconds(SMALL, 224, 224);
        }
        assertThat(Files.readString(file()))
                .contains("\"cpu\": \"AMD EPYC\"")
                .contains("\"runtime\": \"onnxruntime\"")
                .contains("\"text\": \"5×5, 40 → 240 → 40, gate 64\"")
                .contains("\"milliseconds\": ");
    }

    @Test
    void whatDecidesTheTimeIsInTheKey() {
        JsonObject key = Unit.of(SMALL, 224, 192).get(2).key();
        assertThat(key.getAsJsonObject("row").keySet())
                .containsAll(
                        Arrays.stream(InvertedResidual.Spec.class.getRecordComponents())
                                .map(RecordComponent::getName)
                                .toList());
        assertThat(key.get("channels").getAsInt()).isEqualTo(16);
        assertThat(key.get("height").getAsInt()).isEqualTo(56);
        assertThat(key.get("width").getAsInt()).isEqualTo(48);
        assertThat(Unit.of(SMALL, 224, 192).get(0).key())
                .isNotEqualTo(Unit.of(SMALL.withInputChannels(1), 224, 192).get(0).key());
        assertThat(Unit.of(SMALL, 224, 192).get(12).key())
                .isNotEqualTo(Unit.of(SMALL.withClasses(10), 224, 192).get(12).key())
                .isEqualTo(Unit.of(SMALL.withDropout(0), 224, 192).get(12).key());
    }

    @Test
    void everyPresetThatClassifiesCanBeCut() {
        for (String name : Presets.names()) {
            Architecture net = Presets.of(name);
            if (net.task() == Task.CLASSIFY) {
                assertThat(Unit.of(net, 224, 224)).as(name).hasSize(net.blocks().size() + 2);
            }
        }
        assertThatThrownBy(() -> Unit.of(Presets.of("lraspp_small"), 224, 224))
                .hasMessage("latency takes nets that classify, but lraspp_small segments.");
    }

    @Test
    void aTableOfAnotherHostIsRefused() throws IOException {
        try (LatencyTable table = open(file())) {
            table.milliseconds(SMALL, 224, 224);
        }
        for (Conditions other : List.of(conditions("Cortex-A72", 1), conditions("AMD EPYC", 2))) {
            assertThatThrownBy(() -> LatencyTable.open(file(), other, clock, (a, b, c) -> {}))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("was measured on AMD EPYC with 2 cores")
                    .hasMessageContaining(other.cpu() + " with 2 cores")
                    .hasMessageEndingWith("give another --table or delete it.");
        }
    }

    @Test
    void aDamagedTableIsRefusedInOneSentence() throws IOException {
        Path file = temporary.resolve("table.json");
        for (String content :
                List.of(
                        "",
                        "[]",
                        "{}",
                        "{\"conditions\": {\"cpu\": \"x\"}, \"units\": []}",
                        "{\"conditions\": {\"runtime\": \"libtorch\"}, \"units\": [{}]}")) {
            Files.writeString(file, content);
            assertThatThrownBy(() -> open(file))
                    .as(content)
                    .isInstanceOf(IOException.class)
                    .hasMessage(
                            file
                                    + " cannot be read: it is no latency table; give another --table or delete it.");
        }
    }

    @Test
    void whatFailsLeavesTheTableAsItWas() throws IOException {
        try (LatencyTable table = open(file())) {
            table.milliseconds(SMALL, 224, 224);
        }
        String before = Files.readString(file());
        UnitTimer broken =
                new UnitTimer() {
                    @Override
                    public double[] milliseconds(List<Unit> net, DoubleConsumer progress)
                            throws IOException {
                        throw new IOException("The runtime failed.");
                    }

                    @Override
                    public void close() {}
                };
        try (LatencyTable table =
                LatencyTable.open(file(), conditions("AMD EPYC", 1), broken, (a, b, c) -> {})) {
            assertThatThrownBy(() -> table.milliseconds(SMALL, 192, 192))
                    .hasMessage("The runtime failed.");
        }
        assertThat(Files.readString(file())).isEqualTo(before);
    }

    @Test
    void imagesThatAreTooSmallAreRefused() {
        assertThatThrownBy(() -> Unit.of(SMALL, 224, 16))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "mobilenet_v3_small takes images of at least 32x32 pixels but was given 224x16.");
    }

    @Test
    void aNarrowerBlockNeverLooksSlower() {
        TreeMap<Integer, Double> measured = new TreeMap<>();
        measured.put(8, 1.0);
        measured.put(16, 3.0);
        measured.put(24, 2.0);
        measured.put(32, 4.0);
        measured.put(40, 3.0);
        measured.put(48, 2.9);
        assertThat(LatencyTable.monotone(measured))
                .containsEntry(8, 1.0)
                .containsEntry(16, 2.5)
                .containsEntry(24, 2.5)
                .hasEntrySatisfying(32, x -> assertThat(x).isCloseTo(3.3, within(1e-9)))
                .hasEntrySatisfying(48, x -> assertThat(x).isCloseTo(3.3, within(1e-9)));
    }

    @Test
    void bothRuntimesRunTheUnitsOfANet() throws IOException {
        Architecture net = Presets.of("mobilenet_v3_small", 0.35).withClasses(10);
        for (NetRuntime runtime : NetRuntime.values()) {
            for (Unit unit : Unit.of(net, 32, 32)) {
                try (NetCall call = runtime.open(unit.net(), unit.input(), 1)) {
                    call.run();
                }
            }
        }
    }
}
