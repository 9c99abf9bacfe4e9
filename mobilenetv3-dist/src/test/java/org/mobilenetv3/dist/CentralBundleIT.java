package org.mobilenetv3.dist;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The bundle that Maven Central gets. */
class CentralBundleIT {

    private static final String NAMESPACE = System.getProperty("dist.namespace");
    private static final List<String> PUBLISHED =
            List.of(System.getProperty("dist.published").split("\\|", -1));

    @TempDir Path temporary;

    private Path unpack(Path bundle) throws IOException {
        Path repository = Files.createTempDirectory(temporary, "repository");
        try (ZipInputStream zip = new ZipInputStream(Files.newInputStream(bundle))) {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                Path file = repository.resolve(entry.getName());
                if (entry.isDirectory()) {
                    Files.createDirectories(file);
                } else {
                    Files.createDirectories(file.getParent());
                    Files.copy(zip, file);
                }
            }
        }
        return repository;
    }

    @Test
    void keepsTheRulesForEachPublishedModule() throws IOException {
        Path repository = unpack(Downloads.BUNDLE);

        assertThat(CentralRules.broken(repository, NAMESPACE)).isEmpty();
        try (Stream<Path> modules = Files.list(repository.resolve(NAMESPACE.replace('.', '/')))) {
            assertThat(modules.map(module -> module.getFileName().toString()))
                    .containsExactlyInAnyOrderElementsOf(
                            PUBLISHED.stream().map(module -> "mobilenetv3-" + module).toList());
        }
    }

    @Test
    void aBundleThatBreaksARuleIsFound() throws IOException {
        Path repository = unpack(Downloads.BUNDLE);
        String stem = "mobilenetv3-model-" + Downloads.VERSION;
        Path model =
                repository.resolve(
                        NAMESPACE.replace('.', '/') + "/mobilenetv3-model/" + Downloads.VERSION);
        Files.delete(model.resolve(stem + "-sources.jar"));
        Files.delete(model.resolve(stem + ".jar.md5"));
        Path pom = model.resolve(stem + ".pom");
        Files.writeString(
                pom,
                Files.readString(pom)
                        .replaceFirst("<scm[\\s\\S]*</scm>", "")
                        .replaceFirst("<version>2.7.1-0.36.0<", "<version>2-SNAPSHOT<")
                        .replaceFirst("<version>0.36.0<", "<version>\\${djl.version}<"));

        assertThat(String.join("\n", CentralRules.broken(repository, NAMESPACE)))
                .contains("has no " + stem + "-sources.jar.")
                .contains(stem + ".jar.md5 is missing.")
                .contains(stem + ".pom.sha1 is not its checksum.")
                .contains(stem + ".pom has no scm/url.")
                .contains("does not define djl.version.")
                .contains("needs 2-SNAPSHOT, which Central does not have.");
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void signedWithAThrowAwayKeyEachArtifactsSignatureIsGood()
            throws IOException, InterruptedException {
        // Short: gpg's agent listens on a socket there.
        Path home = Files.createTempDirectory(Path.of("/tmp"), "gpg");
        Map<String, String> environment =
                Map.of(
                        "GNUPGHOME",
                        home.toString(),
                        "PATH",
                        Path.of(System.getProperty("java.home"), "bin")
                                + ":"
                                + System.getenv("PATH"));
        Path bundle = Files.copy(Downloads.BUNDLE, temporary.resolve("signed.zip"));
        List<String> gpg = List.of("gpg", "--batch", "--quiet");
        try {
            good(environment, gpg, "--passphrase=", "--quick-gen-key", "throw-away@example.org");
            good(
                    environment,
                    List.of(Path.of("../deploy/sign-bundle.sh").toRealPath().toString()),
                    bundle.toString(),
                    "throw-away@example.org");
            Path repository = unpack(bundle);
            assertThat(CentralRules.broken(repository, NAMESPACE)).isEmpty();
            int signed = 0;
            for (Path file : artifacts(repository)) {
                good(environment, gpg, "--verify", file + ".asc", file.toString());
                signed++;
            }
            assertThat(signed).isEqualTo(4 * PUBLISHED.size() - 3);

            Path tampered = artifacts(repository).get(0);
            Files.writeString(tampered, "another");
            List<String> verify = new ArrayList<>(gpg);
            verify.addAll(List.of("--verify", tampered + ".asc", tampered.toString()));
            assertThat(Child.run(temporary, environment, verify).code()).isNotZero();
        } finally {
            Child.run(temporary, environment, List.of("gpgconf", "--kill", "all"));
            try (Stream<Path> files = Files.walk(home)) {
                files.sorted((a, b) -> b.compareTo(a)).forEach(file -> file.toFile().delete());
            }
        }
    }

    private void good(Map<String, String> environment, List<String> program, String... arguments)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(program);
        command.addAll(List.of(arguments));
        Child child = Child.run(temporary, environment, command);
        assertThat(child.code()).as(command + ": " + child.err()).isZero();
    }

    private static List<Path> artifacts(Path repository) throws IOException {
        try (Stream<Path> files = Files.walk(repository)) {
            return files.filter(file -> file.toString().matches(".*\\.(jar|pom)"))
                    .sorted()
                    .toList();
        }
    }
}
