package org.mobilenetv3.train.data.source;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.GZIPInputStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.lifecycle.AfterProperty;
import net.jqwik.api.lifecycle.BeforeProperty;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.mobilenetv3.train.data.Sentences;

class ForeignBytesTest {
    private Path file;
    private byte[] tar;

    @BeforeProperty
    void prepare() throws IOException {
        file = Files.createTempFile("foreign", ".bin");
        tar = CifarFiles.archive(CifarKind.CIFAR100, CifarFiles.files(CifarKind.CIFAR100, 3, 2));
    }

    @AfterProperty
    void remove() throws IOException {
        Files.deleteIfExists(file);
    }

    private void check(byte[] bytes, ThrowingCallable read) throws IOException {
        Files.write(file, bytes);
        Sentences.allowed(read);
    }

    @Property(tries = 150)
    void anyBytesAreReadAsIdxOrRefusedInASentence(@ForAll @Size(max = 64) byte[] bytes)
            throws IOException {
        check(bytes, () -> Idx.images(file));
        check(bytes, () -> Idx.labels(file));
    }

    @Property(tries = 150)
    void anyIdxHeaderIsReadOrRefusedInASentence(
            @ForAll int count, @ForAll int height, @ForAll int width) throws IOException {
        byte[] bytes = IdxFiles.images(1, 2);
        ByteBuffer.wrap(bytes).putInt(4, count).putInt(8, height).putInt(12, width);
        check(bytes, () -> Idx.images(file));
        check(IdxFiles.gzip(bytes), () -> Idx.images(file));
    }

    @Property(tries = 150)
    void anyDamageToAGzippedIdxIsReadOrRefusedInASentence(
            @ForAll @IntRange(max = 100_000) int where, @ForAll byte change) throws IOException {
        byte[] bytes = IdxFiles.gzip(IdxFiles.labels(40));
        bytes[where % bytes.length] ^= change;
        check(bytes, () -> Idx.labels(file));
    }

    @Property(tries = 150)
    void anyBytesAreReadAsCifarOrRefusedInASentence(@ForAll @Size(max = 64) byte[] bytes)
            throws IOException {
        check(bytes, () -> CifarBinary.read(CifarKind.CIFAR10, file, 0));
        check(IdxFiles.gzip(bytes), () -> CifarBinary.read(CifarKind.CIFAR10, file, 0));
    }

    @Property(tries = 150)
    void anyDamageToATarIsReadOrRefusedInASentence(
            @ForAll @IntRange(max = 100_000) int where,
            @ForAll byte change,
            @ForAll @IntRange(max = 512) int header)
            throws IOException {
        byte[] bytes = tar.clone();
        bytes[where % bytes.length] ^= change;
        check(bytes, () -> CifarBinary.read(CifarKind.CIFAR100, file, 0));
        byte[] inside;
        try (var gzip = new GZIPInputStream(new ByteArrayInputStream(tar))) {
            inside = gzip.readAllBytes();
        }
        inside[header] ^= change;
        check(IdxFiles.gzip(inside), () -> CifarBinary.read(CifarKind.CIFAR100, file, 0));
    }

    @Property(tries = 100)
    void anyCutOfATarIsRefusedInASentence(@ForAll @IntRange(max = 100_000) int length)
            throws IOException {
        byte[] bytes = Arrays.copyOf(tar, length % tar.length);
        Files.write(file, bytes);
        String told = Sentences.of(() -> CifarBinary.read(CifarKind.CIFAR100, file, 0));
        assertThat(told).contains(file.toString());
    }
}
