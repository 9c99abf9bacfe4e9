package org.mobilenetv3.predict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The Java with the jar in it, moved to where it was not made. */
class ImageTest {

    @TempDir private Path temporary;

    @Test
    void aMovedImageAnswersAsTheJarDoesWithoutAJavaOnThePath()
            throws IOException, InterruptedException {
        Path images = Path.of(System.getProperty("predict.images"));
        assumeThat(images).isDirectory(); // -Dimage.skip
        Path moved = temporary.resolve("hierher verschoben, é");
        try (Stream<Path> made = Files.list(images)) {
            Path image =
                    made.filter(path -> Files.exists(path.resolve("bin/mobilenetv3")))
                            .findFirst()
                            .orElseThrow();
            copy(image, moved);
        }
        Path link = temporary.resolve("mobilenetv3");
        Files.createSymbolicLink(link, moved.resolve("bin/mobilenetv3"));
        Path weights = Generated.weights(temporary.resolve("w.safetensors"), "article_small", 64);
        Path photo = Generated.image(temporary.resolve("photo.png"));
        List<String> command =
                List.of("predict", "--json", "--logits", "--weights", "" + weights, "" + photo);
        String jar =
                output(
                        Path.of(System.getProperty("java.home"), "bin", "java"),
                        Stream.concat(
                                Stream.of("-jar", System.getProperty("predict.jar")),
                                command.stream()));
        assertThat(jar).contains("logits");
        assertThat(output(link, command.stream())).isEqualTo(jar);
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(from.relativize(file).toString()));
            }
        }
    }

    private String output(Path program, Stream<String> arguments)
            throws IOException, InterruptedException {
        ProcessBuilder builder =
                new ProcessBuilder(
                        Stream.concat(Stream.of(program.toString()), arguments).toList());
        builder.directory(temporary.toFile()).redirectErrorStream(true);
        builder.environment().clear();
        builder.environment().put("PATH", "/usr/bin:/bin");
        Process process = builder.start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(out).isZero();
        return out;
    }
}
