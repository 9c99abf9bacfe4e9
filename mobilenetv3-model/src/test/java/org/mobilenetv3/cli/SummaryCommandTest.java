package org.mobilenetv3.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SummaryCommandTest {

    @TempDir private Path temporary;

    private static String run(String... args) {
        PrintStream before = System.out;
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (PrintStream caught = new PrintStream(out, true, StandardCharsets.UTF_8)) {
            System.setOut(caught);
            assertThat(Main.run(args)).isZero();
        } finally {
            System.setOut(before);
        }
        return out.toString(StandardCharsets.UTF_8);
    }

    private static JsonObject json(String text) {
        return JsonParser.parseString(text).getAsJsonObject();
    }

    @Test
    void summaryCountsThePublishedNets() {
        JsonObject large = json(run("summary", "--model", "large", "--json"));
        assertThat(large.get("parameters").getAsLong()).isEqualTo(5_483_032);
        assertThat(large.get("multiplyAdds").getAsLong()).isEqualTo(216_589_760);
        assertThat(run("summary")).contains("2,542,856").contains("56,510,400");
    }

    @Test
    void summarySizesEveryOutputInOneStraightTable() {
        JsonObject net = json(run("summary", "--json"));
        long bytes = 0;
        for (JsonElement layer : net.getAsJsonArray("layers")) {
            bytes += layer.getAsJsonObject().get("activationBytes").getAsLong();
        }
        assertThat(net.get("activationBytes").getAsLong()).isEqualTo(bytes);
        assertThat(net.getAsJsonArray("layers").get(0).getAsJsonObject().get("activationBytes"))
                .hasToString(Integer.toString(4 * 16 * 112 * 112));
        List<String> lines = run("summary").lines().toList();
        assertThat(lines).extracting(String::length).containsOnly(lines.get(0).length());
        assertThat(lines.get(lines.size() - 1))
                .endsWith(String.format(Locale.ROOT, "%,.1f", bytes / 1024.0));
    }

    @Test
    void theWordsOfVersion01NameTheSameNets() {
        assertThat(run("summary", "--model=large", "--variant=article", "--json"))
                .isEqualTo(run("summary", "--arch=article_large", "--json"));
        assertThat(run("summary", "--model=small", "--json")).isEqualTo(run("summary", "--json"));
        assertThat(Main.run("summary", "--model=huge")).isEqualTo(2);
    }

    @Test
    void theListOfArchitecturesGivesFilesToBeginWith() throws IOException {
        assertThat(run("architectures"))
                .containsPattern("(?m)^mobilenet_v2 +3,504,872 +300,774,272$");
        String json = run("architectures", "mobilenetv3_rw");
        Path file = Files.writeString(temporary.resolve("rw.json"), json);
        assertThat(run("architectures", "" + file)).isEqualTo(json);
        assertThat(json.lines()).anyMatch(line -> line.contains("\"squeeze\": 18,"));
    }
}
