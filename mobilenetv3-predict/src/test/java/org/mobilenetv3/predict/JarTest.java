package org.mobilenetv3.predict;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.types.Shape;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarFile;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mobilenetv3.image.Pixels;
import org.mobilenetv3.trained.GraphNet;
import org.mobilenetv3.trained.TrainedNet;

/** The jar as a user has it: alone, in a path of any letters, without a home directory. */
class JarTest {

    private static final Path BUILT = Path.of(System.getProperty("predict.jar"));
    private static final long MOST_BYTES = 20_000_000;

    @TempDir private static Path temporary;
    private static Path jar;
    private static Path empty;
    private static Path classifier;
    private static Path detector;
    private static Path segmenter;
    private static Path image;

    @BeforeAll
    static void copy() throws IOException {
        Path place = Files.createDirectories(temporary.resolve("mit Leerzeichen, é und 日本"));
        jar = Files.copy(BUILT, place.resolve("mobilenetv3.jar"));
        empty = Files.createDirectories(temporary.resolve("leer"));
        classifier = Generated.weights(place.resolve("net.safetensors"), "mobilenet_v3_small", 64);
        detector = Generated.weights(place.resolve("boxes.safetensors"), "ssdlite320_small", 320);
        segmenter = Generated.weights(place.resolve("masks.safetensors"), "lraspp_small", 64);
        image = Generated.image(place.resolve("Bild ü.png"));
    }

    /** What a process printed and returned. */
    private record Run(int code, String out, String err) {}

    private static ProcessBuilder java(Object... arguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        // Options that make short processes shorter; the answers are the same.
        command.addAll(List.of("-Xmx1g", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"));
        command.addAll(List.of("-jar", jar.toString()));
        Stream.of(arguments).map(Object::toString).forEach(command::add);
        ProcessBuilder builder = new ProcessBuilder(command).directory(empty.toFile());
        builder.environment().clear();
        builder.environment().put("LC_ALL", "C.UTF-8");
        builder.environment().put("HOME", "/proc/none"); // where nothing can be made
        return builder;
    }

    private static Run run(Object... arguments) throws IOException, InterruptedException {
        Path out = Files.createTempFile(temporary, "out", "");
        Path err = Files.createTempFile(temporary, "err", "");
        int code =
                java(arguments)
                        .redirectOutput(out.toFile())
                        .redirectError(err.toFile())
                        .start()
                        .waitFor();
        return new Run(code, Files.readString(out), Files.readString(err));
    }

    private static Run succeeds(Object... arguments) throws IOException, InterruptedException {
        Run run = run(arguments);
        assertThat(run.code).as(run.out + run.err).isZero();
        assertThat(run.err).isEmpty();
        return run;
    }

    private static JsonObject predicted(Path weights, Object... options)
            throws IOException, InterruptedException {
        List<Object> command = new ArrayList<>();
        command.addAll(List.of("predict", "--json", "--weights", weights, image));
        command.addAll(List.of(options));
        String out = succeeds(command.toArray()).out;
        return JsonParser.parseString(out).getAsJsonArray().get(0).getAsJsonObject();
    }

    private static float[] logits(Path weights) throws IOException, InterruptedException {
        JsonArray logits = predicted(weights, "--logits").getAsJsonArray("logits");
        float[] values = new float[logits.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = logits.get(i).getAsFloat();
        }
        return values;
    }

    private static float[] expected() throws IOException {
        try (TrainedNet net = GraphNet.open(classifier, 1)) {
            return net.logits(
                    FloatBuffer.wrap(net.description().input(Pixels.read(image))),
                    new Shape(1, 3, 64, 64));
        }
    }

    @Test
    void isSmallAndHoldsNothingNative() throws IOException {
        assertThat(Files.size(jar)).isLessThan(MOST_BYTES);
        List<String> names = new ArrayList<>();
        try (JarFile file = new JarFile(jar.toFile())) {
            for (ZipEntry entry : file.stream().toList()) {
                names.add(entry.getName());
                if (entry.getName().endsWith(".jar")) {
                    try (InputStream in = file.getInputStream(entry);
                            ZipInputStream inner = new ZipInputStream(in)) {
                        for (ZipEntry e = inner.getNextEntry(); e != null; ) {
                            names.add(e.getName());
                            e = inner.getNextEntry();
                        }
                    }
                }
            }
        }
        assertThat(names)
                .hasSizeGreaterThan(1000)
                .noneMatch(name -> name.matches(".*\\.(so|dll|dylib|jnilib|a)(\\.\\d+)*"))
                .noneMatch(name -> name.matches("META-INF/[^/]*\\.(SF|RSA|DSA)"))
                .noneMatch(name -> name.endsWith("module-info.class"));
    }

    @Test
    void everyPartHasItsLicense() throws IOException {
        try (JarFile file = new JarFile(jar.toFile())) {
            String table =
                    new String(
                            file.getInputStream(file.getEntry("META-INF/licenses/parts.txt"))
                                    .readAllBytes(),
                            StandardCharsets.UTF_8);
            List<String> parts = table.lines().filter(line -> line.startsWith("     (")).toList();
            assertThat(parts).hasSizeGreaterThan(20);
            for (String part : parts) {
                String name = part.replaceFirst(".*\\(([^():]+):([^:]+):([^: ]+) - .*", "$2-$3");
                boolean own =
                        file.stream()
                                .anyMatch(
                                        entry ->
                                                entry.getName()
                                                        .matches(
                                                                "META-INF/licenses/"
                                                                        + Pattern.quote(name)
                                                                        + "-jar/LICENSE.*"));
                boolean common =
                        part.contains("Apache")
                                ? has(file, "Apache-2.0")
                                : part.contains("EPL 2.0")
                                        ? has(file, "EPL-2.0")
                                        : part.contains("(MIT) progressbar")
                                                ? has(file, "MIT")
                                                : part.matches(".*(protobuf-java|jline-terminal).*")
                                                        && has(file, "BSD-3-Clause");
                assertThat(own || common).as(part).isTrue();
            }
        }
    }

    private static boolean has(JarFile file, String license) {
        return file.getEntry("META-INF/licenses/" + license + ".txt") != null;
    }

    @Test
    void predictionsAreThoseOfTheWholeClassPath() throws IOException, InterruptedException {
        float[] expected = expected();
        assertThat(logits(classifier)).isEqualTo(expected);
        assertThat(succeeds("predict", "--weights", classifier, image).out).contains(" %  ");
        Path features = temporary.resolve("features");
        JsonObject seen = predicted(classifier, "--features", features).getAsJsonObject("features");
        assertThat(seen.getAsJsonArray("embedding")).hasSize(1024);
        assertThat(seen.getAsJsonObject("shapes").keySet())
                .contains("embedding", "stride2", "stride32");
        assertThat(features.resolve("Bild ü.png.npz")).isNotEmptyFile();
        JsonObject boxes = predicted(detector, "--threshold", "0", "--out", temporary);
        assertThat(boxes.getAsJsonObject("detection").getAsJsonArray("objects")).isNotEmpty();
        JsonObject masks = predicted(segmenter, "--out", temporary);
        assertThat(masks.getAsJsonObject("segmentation").getAsJsonArray("areas")).isNotEmpty();
    }

    @Test
    void weightsGoThroughEveryFormAndAnswerTheSame() throws IOException, InterruptedException {
        float[] expected = expected();
        Path from = classifier;
        for (String name : List.of("package", "b.onnx", "c.safetensors")) {
            Path to = temporary.resolve(name);
            assertThat(
                            succeeds(
                                            "convert",
                                            name.startsWith("c")
                                                    ? temporary.resolve("package")
                                                    : from,
                                            to)
                                    .out)
                    .contains("bytes");
            from = to;
        }
        assertThat(logits(temporary.resolve("package"))).isEqualTo(expected);
        assertThat(logits(temporary.resolve("c.safetensors"))).isEqualTo(expected);
    }

    @Test
    void serves() throws IOException, InterruptedException {
        Process server =
                java("serve", "--weights", "net=" + classifier, "--port", "0")
                        .redirectErrorStream(true)
                        .start();
        try (BufferedReader lines =
                new BufferedReader(
                        new InputStreamReader(server.getInputStream(), StandardCharsets.UTF_8))) {
            String ready = lines.readLine();
            assertThat(ready).startsWith("Ready at http://127.0.0.1:");
            URI address = URI.create(ready.replaceFirst("Ready at (\\S+) .*", "$1"));
            HttpClient client = HttpClient.newHttpClient();
            HttpResponse<String> answer =
                    client.send(
                            HttpRequest.newBuilder(address.resolve("/predict"))
                                    .POST(HttpRequest.BodyPublishers.ofFile(image))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString());
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
            JsonArray first = predicted(classifier).getAsJsonArray("predictions");
            assertThat(answer.body())
                    .contains(first.get(0).getAsJsonObject().get("className").getAsString());
            String metrics =
                    client.send(
                                    HttpRequest.newBuilder(address.resolve("/metrics")).build(),
                                    HttpResponse.BodyHandlers.ofString())
                            .body();
            assertThat(metrics).contains("mobilenetv3_request_duration_seconds_count");
        } finally {
            server.destroy();
            server.waitFor();
        }
    }

    @Test
    void otherCommandsAnswer() throws IOException, InterruptedException {
        assertThat(succeeds("--version").out).startsWith("mobilenetv3 " + version());
        assertThat(succeeds("--help").out).contains("predict", "serve", "convert", "summary");
        assertThat(succeeds("models").out).contains("mobilenet_v3_large");
        assertThat(succeeds("summary", "--weights", classifier).out).contains("total");
        assertThat(succeeds("architectures").out).contains("mobilenet_v3_large");
        assertThat(succeeds("completion", "fish").out).contains("complete -c mobilenetv3");
        Run verbose = run("predict", "--verbose", "--weights", classifier, image);
        assertThat(verbose.code).as(verbose.err).isZero();
        assertThat(verbose.err).startsWith("Java: ");
    }

    private static String version() {
        return BUILT.getFileName().toString().replaceFirst("mobilenetv3-predict-(.*)\\.jar", "$1");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "predict --weights NET --engine torch IMAGE",
                "predict --weights NET --engine onnxruntime IMAGE",
                "predict --weights NET --device gpu0 IMAGE",
                "predict --weights NET --precision bf16 IMAGE",
                "predict --weights NET --no-compile IMAGE",
                "serve --weights NET --engine torch --port 0",
                "serve --weights NET --engine onnxruntime --port 0",
                "serve --weights NET --device gpu0 --port 0",
                "convert NET out.pt",
                "convert NET out --format torchscript",
                "export --weights NET --format torchscript",
                "export --weights NET --format all --out all",
                "export --weights NET --quantize int8 --calibration .",
                "export --weights BOXES --nms --out boxes.onnx",
                "summary --arch djl:mobilenet_v2",
                "train --dataset shapes",
                "evaluate --weights NET"
            })
    void whatNeedsTheFullDistributionSaysSoInASentence(String line)
            throws IOException, InterruptedException {
        Object[] words =
                Stream.of(line.split(" ", -1))
                        .map(
                                word ->
                                        switch (word) {
                                            case "NET" -> classifier;
                                            case "BOXES" -> detector;
                                            case "IMAGE" -> image;
                                            default -> word;
                                        })
                        .toArray();
        Run run = run(words);
        assertThat(run.code).isNotZero();
        assertThat(run.err.strip())
                .startsWith("mobilenetv3: ")
                .contains("full distribution")
                .doesNotContain("\n", "NoClassDefFound", "\tat ");
    }

    @Test
    void torchScriptNeedsTheFullDistribution() throws IOException, InterruptedException {
        Path file = temporary.resolve("net.pt");
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
            zip.setMethod(ZipEntry.DEFLATED);
            zip.putNextEntry(new ZipEntry("net/data.pkl"));
            zip.putNextEntry(new ZipEntry("net/constants.pkl"));
        }
        Run run = run("predict", "--weights", file, image);
        assertThat(run.code).isNotZero();
        assertThat(run.err)
                .contains("net.pt, which is TorchScript, needs the full distribution")
                .doesNotContain("\tat ");
    }
}
