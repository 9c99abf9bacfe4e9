package org.mobilenetv3.train.data.source;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/** Writes small CIFAR files in the real format. */
final class CifarFiles {
    private CifarFiles() {}

    /** Image i of a batch has label i modulo the classes and samples that begin with i. */
    static byte[] batch(CifarKind kind, int images) {
        int record = kind.labelBytes() + 3072;
        byte[] bytes = new byte[images * record];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (i * 31);
        }
        for (int i = 0; i < images; i++) {
            bytes[i * record] = 0;
            bytes[i * record + kind.labelBytes() - 1] = (byte) (i % kind.classes().size());
            bytes[i * record + kind.labelBytes()] = (byte) i;
        }
        return bytes;
    }

    static Map<String, byte[]> files(CifarKind kind, int train, int test) {
        Map<String, byte[]> files = new LinkedHashMap<>();
        String names = String.join("\n", kind.classes()) + "\n\n";
        files.put(kind.namesFile(), names.getBytes(StandardCharsets.UTF_8));
        kind.trainFiles().forEach(name -> files.put(name, batch(kind, train)));
        files.put(kind.testFile(), batch(kind, test));
        return files;
    }

    static byte[] archive(CifarKind kind, Map<String, byte[]> files) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (TarArchiveOutputStream tar = new TarArchiveOutputStream(new GZIPOutputStream(out))) {
            for (Map.Entry<String, byte[]> file : files.entrySet()) {
                TarArchiveEntry entry = new TarArchiveEntry(kind.folder() + "/" + file.getKey());
                entry.setSize(file.getValue().length);
                tar.putArchiveEntry(entry);
                tar.write(file.getValue());
                tar.closeArchiveEntry();
            }
        }
        return out.toByteArray();
    }

    static Path write(Path directory, Map<String, byte[]> files) throws IOException {
        Files.createDirectories(directory);
        for (Map.Entry<String, byte[]> file : files.entrySet()) {
            Files.write(directory.resolve(file.getKey()), file.getValue());
        }
        return directory;
    }
}
