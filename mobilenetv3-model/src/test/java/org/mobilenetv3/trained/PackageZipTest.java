package org.mobilenetv3.trained;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.util.Utils;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PackageZipTest {

    @TempDir private Path temporary;
    private Path zip;
    private Set<Path> before;

    @BeforeEach
    void remember() throws IOException {
        zip = temporary.resolve("net.zip");
        before = unpacked();
    }

    @Test
    void aBombIsNotUnpacked() throws IOException {
        // 200 MB of zeros, which the zip holds in 0.2 MB.
        write("weights-0000.params", 200 << 20, "model.json");
        assertRefused("unpacks to more than 4 times its size");
    }

    @Test
    void aZipOfSomethingElseIsNotUnpacked() throws IOException {
        write("zeros", 1 << 20, "notes.txt");
        assertRefused("is a zip, but not of a model package: it has no model.json");
    }

    @Test
    void anEntryOutsideIsRefused() throws IOException {
        write("../../outside", 1, "model.json");
        assertRefused("wants to write outside its directory");
        assertThat(temporary.resolve("outside")).doesNotExist();
    }

    @Test
    void emptyAndForeignFilesAreNamed() throws IOException {
        Files.createFile(zip);
        assertRefused("is empty");
        Files.writeString(zip, "words");
        assertRefused("is neither a package directory nor a whole zip of one");
    }

    private void assertRefused(String reason) throws IOException {
        assertThatThrownBy(() -> ModelPackage.find(zip))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith(zip.toString())
                .hasMessageContaining(reason);
        assertThat(unpacked()).isEqualTo(before);
    }

    private void write(String large, int bytes, String small) throws IOException {
        try (OutputStream file = Files.newOutputStream(zip);
                ZipOutputStream out = new ZipOutputStream(file)) {
            out.putNextEntry(new ZipEntry(small));
            out.write('x');
            out.putNextEntry(new ZipEntry(large));
            byte[] zeros = new byte[1 << 16];
            for (int left = bytes; left > 0; left -= zeros.length) {
                out.write(zeros, 0, Math.min(left, zeros.length));
            }
        }
    }

    private static Set<Path> unpacked() throws IOException {
        Path cache = Utils.getCacheDir().resolve("mobilenetv3");
        if (!Files.isDirectory(cache)) {
            return Set.of();
        }
        try (Stream<Path> entries = Files.list(cache)) {
            return new TreeSet<>(entries.toList());
        }
    }
}
