package org.mobilenetv3.dist;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The server's image: our layers, run by this machine's Java instead of a base image's. */
class ImageIT {

    @TempDir static Path temporary;
    private static JsonObject config;
    private static Path root;

    @BeforeAll
    static void unpackLayers() throws IOException {
        Path image = temporary.resolve("image");
        Downloads.untar(Files.newInputStream(Downloads.IMAGE), "", Files.createDirectories(image));
        root = Files.createDirectories(temporary.resolve("root"));
        JsonObject manifest =
                JsonParser.parseString(Files.readString(image.resolve("manifest.json")))
                        .getAsJsonArray()
                        .get(0)
                        .getAsJsonObject();
        for (JsonElement layer : manifest.getAsJsonArray("Layers")) {
            Downloads.untar(
                    new GZIPInputStream(Files.newInputStream(image.resolve(layer.getAsString()))),
                    "app/",
                    root);
        }
        config =
                JsonParser.parseString(
                                Files.readString(
                                        image.resolve(manifest.get("Config").getAsString())))
                        .getAsJsonObject()
                        .getAsJsonObject("config");
    }

    private static List<String> strings(String name) {
        List<String> strings = new ArrayList<>();
        JsonArray array = config.getAsJsonArray(name);
        array.forEach(element -> strings.add(element.getAsString()));
        return strings;
    }

    @Test
    void holdsTheServerItsLicensesAndNoNativeLibraries() throws IOException {
        assertThat(config.get("User").getAsString()).isEqualTo("10001");
        assertThat(config.getAsJsonObject("ExposedPorts").keySet()).containsExactly("8080/tcp");
        assertThat(root.resolve("app/licenses/artifacts.txt")).isNotEmptyFile();
        try (Stream<Path> libs = Files.list(root.resolve("app/libs"))) {
            assertThat(libs.map(jar -> jar.getFileName().toString()))
                    .contains("mobilenetv3-serve-" + Downloads.VERSION + ".jar")
                    .noneMatch(
                            jar -> jar.matches("(pytorch-native|onnxruntime|mobilenetv3-train).*"));
        }
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void servesByItsEntrypoint() throws IOException, InterruptedException {
        Path net = TrainedNet.byTheCheckout();
        Path java = Path.of(System.getProperty("java.home"), "bin", "java");
        List<String> command = new ArrayList<>(strings("Entrypoint"));
        assertThat(command.set(0, java.toString())).isEqualTo("java");
        command.replaceAll(argument -> argument.replace("/app/", root + "/app/"));
        command.addAll(List.of("--weights=" + net.resolve("best"), "--port=0"));
        try (Server server = Server.start(temporary, Map.of("LC_ALL", "C.UTF-8"), command)) {
            assertThat(server.predict(net.resolve("samples/0-circle.png")))
                    .startsWith("200 {\"model\":\"best\"")
                    .contains("circle");
        }
    }
}
