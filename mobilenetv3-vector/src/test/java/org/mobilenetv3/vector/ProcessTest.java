package org.mobilenetv3.vector;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Processes with other Java options give the same bits as this one. */
class ProcessTest {

    private static final int TIMEOUT_SECONDS = 120;
    private static final String VECTORS = "--add-modules=jdk.incubator.vector";

    @TempDir Path directory;

    private static String here() {
        return ChildNet.bits(ChildNet.run(TestGraph.small(), VectorNet.Mode.VECTOR));
    }

    /** Runs {@link ChildNet}. */
    private List<String> child(List<String> options, String... arguments)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-Xmx256m", "-XX:+UseSerialGC", "-Xshare:auto"));
        command.add("-XX:+IgnoreUnrecognizedVMOptions"); // other processors have other options
        command.addAll(options);
        command.addAll(List.of("-cp", System.getProperty("java.class.path")));
        command.add(ChildNet.class.getName());
        command.addAll(List.of(arguments));
        Path out = directory.resolve("out");
        Path err = directory.resolve("err");
        Process process =
                new ProcessBuilder(command)
                        .redirectOutput(out.toFile())
                        .redirectError(err.toFile())
                        .start();
        boolean ended = process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS);
        if (!ended) {
            process.destroyForcibly().waitFor();
        }
        assertThat(ended ? process.exitValue() : -1)
                .as("%s: %s%s", command, Files.readString(out), Files.readString(err))
                .isZero();
        assertThat(Files.readString(err)).doesNotContain("Exception", "Error");
        return Files.readAllLines(out);
    }

    @Test
    void withoutTheModulePlainJavaGivesTheSameBits() throws Exception {
        assertThat(child(List.of(), "provider", "300")).containsExactly("false", here());
    }

    @ParameterizedTest
    @ValueSource(strings = {"-XX:UseAVX=2", "-XX:UseAVX=1", "-XX:MaxVectorSize=16"})
    void vectorsOfOtherLengthsGiveTheSameBits(String length) throws Exception {
        assertThat(child(List.of(VECTORS, length), "VECTOR")).containsExactly(here());
    }

    @Test
    void answersStayTheSameWhileVectorsTakeOver() throws Exception {
        assertThat(child(List.of(VECTORS), "auto")).containsExactly("200", here());
    }

    @Test
    void theInterpreterGivesTheSameBits() throws Exception {
        assertThat(child(List.of(VECTORS, "-Xint"), "provider", "3"))
                .containsExactly("true", here());
    }

    /** Where sums are rounded twice. */
    @Test
    void aProcessorWithoutFusedSumsGivesNearlyTheSameNumbers() throws Exception {
        List<String> lines = child(List.of(VECTORS, "-XX:-UseFMA"), "provider", "300");
        Nets.assertClose(ChildNet.floats(lines.get(1)), ChildNet.floats(here()));
    }

    @Test
    void vectorsThatFailLeaveTheNetAsItIsAndAreNotHeardOf() throws Exception {
        assertThat(child(List.of(VECTORS), "failing")).containsExactly("failing", "end");
    }

    /** In a process of its own: what ran before decides what HotSpot makes of a loop. */
    @ParameterizedTest
    @ValueSource(strings = {"1", "3"})
    void aPredictionAllocatesLittleMoreThanItsAnswer(String threads) throws Exception {
        assertThat(child(List.of(VECTORS), "allocation", threads)).containsExactly("little");
    }
}
