package org.mobilenetv3.dist;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * The archive as someone runs it who has Java and nothing else: no Maven, no network, no cache, no
 * home that can be written, in a directory whose name has spaces and more than ASCII.
 */
@DisabledOnOs(OS.WINDOWS)
class ArchiveIT {

    /** Not even root can make it. */
    private static final String NO_HOME = "/dev/null/home";

    @TempDir static Path temporary;
    private static Path launcher;
    private static Path work;
    private static Path image;
    private static Map<String, String> environment;

    @BeforeAll
    static void unpackAndTrain() throws IOException, InterruptedException {
        Path place = Files.createDirectories(temporary.resolve("Größe, 大きさ"));
        Downloads.untar(
                new GZIPInputStream(Files.newInputStream(Downloads.TAR)), Downloads.TOP, place);
        launcher = place.resolve(Downloads.TOP + "bin/mobilenetv3");
        work = Files.createDirectories(place.resolve("empty directory"));
        environment = environment(true);
        Child trained = run(TrainedNet.command("net"));
        assertThat(trained.code()).as(trained.err()).isZero();
        image = work.resolve("net/samples/0-circle.png");
    }

    /**
     * A PATH with what a shell script may expect, and perhaps Java; nothing to write to but /tmp.
     */
    private static Map<String, String> environment(boolean java) throws IOException {
        Path bin = Files.createTempDirectory(temporary, "bin");
        for (String name : List.of("sh", "cat", "dirname", "locale", "readlink", "sed")) {
            for (String place : List.of("/usr/bin", "/bin")) {
                Path program = Path.of(place, name);
                if (Files.isExecutable(program) && Files.notExists(bin.resolve(name))) {
                    Files.createSymbolicLink(bin.resolve(name), program);
                }
            }
        }
        if (java) {
            Files.createSymbolicLink(
                    bin.resolve("java"), Path.of(System.getProperty("java.home"), "bin", "java"));
        }
        Map<String, String> made = new HashMap<>();
        made.put("PATH", bin.toString());
        made.put("OMP_NUM_THREADS", "1");
        made.put("HOME", NO_HOME);
        made.put(
                "JAVA_OPTS",
                "-Duser.home="
                        + NO_HOME
                        + " -Djava.io.tmpdir="
                        + Files.createDirectories(temporary.resolve("tmp"))
                        + " -Dhttp.proxyHost=127.0.0.1 -Dhttp.proxyPort=1"
                        + " -Dhttps.proxyHost=127.0.0.1 -Dhttps.proxyPort=1");
        return made;
    }

    private static Child run(List<String> arguments) throws IOException, InterruptedException {
        return Child.run(work, environment, command(arguments));
    }

    private static List<String> command(List<String> arguments) {
        List<String> command = new ArrayList<>(List.of(launcher.toString()));
        command.addAll(arguments);
        return command;
    }

    /** What the launcher of the checkout does once everything is built. */
    private static Map<String, String> checkout() {
        Map<String, String> checkout = new HashMap<>(environment);
        checkout.put("MOBILENETV3_HOME", Path.of("..").toAbsolutePath().normalize().toString());
        checkout.put("MOBILENETV3_CLASSPATH", Downloads.checkoutClassPath());
        return checkout;
    }

    private static List<String> checkout(List<String> arguments) {
        List<String> command =
                new ArrayList<>(
                        List.of(Path.of("src/bin/mobilenetv3").toAbsolutePath().toString()));
        command.addAll(arguments);
        return command;
    }

    @Test
    void trainsToTheWeightsOfTheCheckout() throws IOException, InterruptedException {
        assertThat(weights(work.resolve("net"))).isEqualTo(weights(TrainedNet.byTheCheckout()));
    }

    private static String weights(Path run) throws IOException {
        try (var files = Files.list(run.resolve("best"))) {
            return Downloads.digest(
                    "SHA-256",
                    files.filter(file -> file.toString().endsWith(".params"))
                            .findAny()
                            .orElseThrow());
        }
    }

    @Test
    void predictsAsTheCheckoutDoesOnEachEngine() throws IOException, InterruptedException {
        Child exported = run(List.of("export", "--weights=net/best", "--out=net.onnx"));
        assertThat(exported.code()).as(exported.err()).isZero();
        for (List<String> predict :
                List.of(
                        List.of(
                                "predict",
                                "--engine=torch",
                                "--weights=net/best",
                                image.toString()),
                        List.of(
                                "predict",
                                "--engine=vector",
                                "--weights=net/best",
                                image.toString()),
                        List.of(
                                "predict",
                                "--engine=onnxruntime",
                                "--weights=net.onnx",
                                image.toString()))) {
            Child ours = run(predict);
            assertThat(ours.code()).as(ours.err()).isZero();
            assertThat(ours.err()).isEmpty();
            assertThat(ours.out()).contains("circle", "%");
            assertThat(ours.out())
                    .as(predict.toString())
                    .isEqualTo(Child.run(work, checkout(), checkout(predict)).out());
        }
    }

    @Test
    void servesAsTheCheckoutDoes() throws IOException, InterruptedException {
        List<String> serve = List.of("serve", "--weights=net/best", "--port=0", "--engine=vector");
        try (Server ours = Server.start(work, environment, command(serve));
                Server other = Server.start(work, checkout(), checkout(serve))) {
            assertThat(ours.predict(image)).startsWith("200 ").isEqualTo(other.predict(image));
        }
    }

    @Test
    void runsThroughALinkFromAnywhere() throws IOException, InterruptedException {
        Path link = Files.createSymbolicLink(temporary.resolve("m"), launcher);

        Child child = Child.run(temporary, environment, List.of(link.toString(), "--version"));

        assertThat(child.out())
                .startsWith("mobilenetv3 " + Downloads.VERSION + System.lineSeparator());
    }

    @Test
    void saysInOneSentenceThatThereIsNoJavaOrTooOldAOne() throws IOException, InterruptedException {
        Map<String, String> without = environment(false);
        Child none = Child.run(work, without, command(List.of("--version")));
        assertThat(none.code()).isEqualTo(1);
        assertThat(none.err())
                .isEqualTo(
                        "mobilenetv3: There is no Java on PATH and JAVA_HOME is not set; install Java 17 or newer.\n");

        Path old = Files.createDirectories(temporary.resolve("old/bin")).getParent();
        Files.writeString(old.resolve("release"), "JAVA_VERSION=\"11.0.2\"\n");
        without.put("JAVA_HOME", old.toString());
        Files.createFile(old.resolve("bin/java"));
        assertThat(old.resolve("bin/java").toFile().setExecutable(true)).isTrue();
        Child tooOld = Child.run(work, without, command(List.of("--version")));
        assertThat(tooOld.code()).isEqualTo(1);
        assertThat(tooOld.err())
                .isEqualTo(
                        "mobilenetv3: "
                                + old
                                + "/bin/java is Java 11.0.2, and 17 or newer is needed; let JAVA_HOME name its directory.\n");

        without.put("JAVA_HOME", "/nonexistent");
        assertThat(Child.run(work, without, command(List.of("--version"))).err())
                .isEqualTo(
                        "mobilenetv3: JAVA_HOME is /nonexistent, where there is no bin/java; name the directory of a Java 17 or newer.\n");
    }

    @Test
    void saysInOneSentenceThatTheEngineCannotBeUnpacked() throws IOException, InterruptedException {
        Map<String, String> unwritable = new HashMap<>(environment);
        unwritable.put("DJL_CACHE_DIR", "/dev/null/cache");

        Child child =
                Child.run(
                        work,
                        unwritable,
                        command(
                                List.of(
                                        "predict",
                                        "--engine=torch",
                                        "--weights=net/best",
                                        image.toString())));

        assertThat(child.code()).isNotZero();
        assertThat(child.err()).contains("/dev/null/cache", "DJL_CACHE_DIR=DIR.").hasLineCount(1);
    }
}
