package org.mobilenetv3.dist;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipFile;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is in the archives, against what they say is in them. */
class ContentIT {

    @TempDir static Path temporary;
    private static Path content;

    @BeforeAll
    static void unpack() throws IOException {
        Downloads.untar(
                new GZIPInputStream(Files.newInputStream(Downloads.TAR)), Downloads.TOP, temporary);
        content = temporary.resolve(Downloads.TOP);
    }

    private static String text(String file) throws IOException {
        return Files.readString(content.resolve(file));
    }

    @Test
    void bothArchivesHoldTheFilesOfSha256sumsAndNoOthers() throws IOException {
        Map<String, String> zip = new TreeMap<>();
        try (ZipFile file = ZipFile.builder().setPath(Downloads.ZIP).get()) {
            for (ZipArchiveEntry entry : Collections.list(file.getEntries())) {
                assertThat(entry.getName()).startsWith(Downloads.TOP);
                String name = entry.getName().substring(Downloads.TOP.length());
                if (!entry.isDirectory()) {
                    zip.put(name, Downloads.digest("SHA-256", file.getInputStream(entry)));
                    assertThat(entry.getUnixMode() & 0777)
                            .as(name)
                            .isEqualTo(name.equals("bin/mobilenetv3") ? 0755 : 0644);
                }
            }
        }
        assertThat(zip.remove("SHA256SUMS")).isNotNull();

        Map<String, String> tar = new TreeMap<>();
        try (Stream<Path> files = Files.walk(content).filter(Files::isRegularFile)) {
            for (Path file : files.toList()) {
                String name = content.relativize(file).toString().replace('\\', '/');
                tar.put(name, Downloads.digest("SHA-256", file));
            }
        }
        tar.remove("SHA256SUMS");

        assertThat(zip)
                .containsKeys("bin/mobilenetv3", "bin/mobilenetv3.bat", "README.md", "CHANGELOG.md")
                .containsKeys("LICENSE", "NOTICE", "sbom.cdx.json");
        assertThat(zip).isEqualTo(Downloads.sums(text("SHA256SUMS"))).isEqualTo(tar);
    }

    @Test
    void sha256sumsBesideTheDownloadsIsTrueOfEach() throws IOException {
        Map<String, String> sums =
                Downloads.sums(Files.readString(Downloads.DIRECTORY.resolve("SHA256SUMS")));

        assertThat(sums)
                .containsOnlyKeys(
                        Stream.of(Downloads.ZIP, Downloads.TAR, Downloads.IMAGE, Downloads.BUNDLE)
                                .map(file -> file.getFileName().toString())
                                .toList());
        for (Map.Entry<String, String> sum : sums.entrySet()) {
            Path file = Downloads.DIRECTORY.resolve(sum.getKey());
            assertThat(Downloads.digest("SHA-256", file))
                    .as(sum.getKey())
                    .isEqualTo(sum.getValue());
        }
    }

    @Test
    void theBillOfMaterialsListsTheJarsAndNoOthers() throws IOException {
        JsonObject bill = JsonParser.parseString(text("sbom.cdx.json")).getAsJsonObject();
        Map<String, String> listed = new TreeMap<>();
        for (JsonElement component : bill.getAsJsonArray("components")) {
            listed.put(
                    component.getAsJsonObject().get("purl").getAsString(),
                    sha256(component.getAsJsonObject()));
        }

        Map<String, String> jars = new TreeMap<>();
        try (Stream<Path> lib = Files.list(content.resolve("lib"))) {
            for (Path jar : lib.toList()) {
                String digest = Downloads.digest("SHA-256", jar);
                String purl =
                        listed.keySet().stream()
                                .filter(p -> digest.equals(listed.get(p)) && fileName(p, jar))
                                .findAny()
                                .orElse(jar.getFileName() + " is not listed");
                jars.put(purl, digest);
            }
        }
        assertThat(jars).isEqualTo(listed).hasSizeGreaterThan(50);
    }

    private static String sha256(JsonObject component) {
        for (JsonElement hash : component.getAsJsonArray("hashes")) {
            if (hash.getAsJsonObject().get("alg").getAsString().equals("SHA-256")) {
                return hash.getAsJsonObject().get("content").getAsString();
            }
        }
        throw new IllegalStateException(component + " has no SHA-256.");
    }

    /**
     * pkg:maven/GROUP/NAME@VERSION?classifier=CLASSIFIER&type=jar is NAME-VERSION-CLASSIFIER.jar.
     */
    private static boolean fileName(String purl, Path jar) {
        String name =
                purl.replaceFirst("^pkg:maven/[^/]+/", "")
                        .replace('@', '-')
                        .replaceFirst("\\?classifier=([^&]+)", "-$1")
                        .replaceFirst("[?&]type=jar$", ".jar");
        return jar.getFileName().toString().equals(name);
    }

    @Test
    void eachJarHasALicenseWhoseTextIsThere() throws IOException {
        Set<String> named = new TreeSet<>();
        List<String> table =
                text("licenses/artifacts.txt").lines().filter(line -> line.contains(":")).toList();
        for (String line : table) {
            String[] parts = line.split(" {2}", 2);
            String[] artifact = parts[0].split(":", -1);
            assertThat(artifact).as(line).hasSize(3);
            named.add(artifact[1] + "-" + artifact[2]);
            for (String license : parts[1].split(", ", -1)) {
                assertThat(content.resolve("licenses/" + license + ".txt"))
                        .as(line)
                        .isNotEmptyFile();
            }
        }
        try (Stream<Path> lib = Files.list(content.resolve("lib"))) {
            assertThat(
                            lib.map(jar -> jar.getFileName().toString())
                                    .map(
                                            jar ->
                                                    jar.replaceFirst(
                                                            "(-(linux|osx|win)-\\w+)?\\.jar$", ""))
                                    .collect(Collectors.toSet()))
                    .isEqualTo(named);
        }
    }

    /** Their jars hold no notices, and the texts are kept by version: a newer one needs its own. */
    @Test
    void theNativeLibrariesHaveTheNoticesOfTheirVersions() throws IOException {
        List<String> artifacts = text("licenses/artifacts.txt").lines().toList();
        for (String line : artifacts) {
            if (line.contains(":onnxruntime:")) {
                Path notices = content.resolve("licenses/onnxruntime-" + version(line));
                assertThat(notices.resolve("ThirdPartyNotices.txt")).isNotEmptyFile();
            } else if (line.contains(":pytorch-native-cpu:")) {
                Path notices = content.resolve("licenses/pytorch-" + version(line));
                assertThat(notices.resolve("LICENSE")).isNotEmptyFile();
                assertThat(notices.resolve("NOTICE")).isNotEmptyFile();
            }
        }
        assertThat(artifacts).anyMatch(line -> line.contains(":pytorch-native-cpu:"));
    }

    private static String version(String line) {
        return line.replaceFirst("^[^:]+:[^:]+:(\\S+) .*$", "$1");
    }

    @Test
    void theCatalogOfJbangNamesTheSmallJarOfThisVersion() throws IOException {
        JsonObject alias =
                JsonParser.parseString(Files.readString(Path.of("../jbang-catalog.json")))
                        .getAsJsonObject()
                        .getAsJsonObject("aliases")
                        .getAsJsonObject("mobilenetv3");

        assertThat(alias.get("script-ref").getAsString())
                .isEqualTo(
                        System.getProperty("dist.namespace")
                                + ":mobilenetv3-predict:"
                                + Downloads.VERSION.replace("-SNAPSHOT", ""));
    }
}
