package org.mobilenetv3.trained;

import ai.djl.util.Utils;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;
import org.mobilenetv3.io.AtomicDirectory;

/** A zip of a package, unpacked once into DJL's cache. */
final class PackageZip {

    /** Weights hardly shrink, so a package is little larger than its zip; bombs are much larger. */
    private static final int MOST_TIMES = 4;

    private static final long MOST_TEXT = 16 << 20;
    private static final int MOST_ENTRIES = 10_000;

    private PackageZip() {}

    /**
     * Unpacks a zip, unless it is unpacked already and has not changed.
     *
     * @param zip of a package's files, or of a directory with them
     * @return the package's directory
     * @throws IOException in one sentence, if it is no zip, damaged, of something else, or a bomb
     */
    static Path unpack(Path zip) throws IOException {
        if (Files.size(zip) == 0) {
            throw new IOException(zip + " is empty; copy it again.");
        }
        // DJL would keep the first zip it saw under this name.
        String version =
                String.format(
                        Locale.ROOT,
                        "%s-%d-%s",
                        zip.toRealPath(),
                        Files.size(zip),
                        Files.getLastModifiedTime(zip));
        Path target = Utils.getCacheDir().resolve("mobilenetv3").resolve(Utils.hash(version));
        if (!Files.isDirectory(target)) {
            try (ZipFile file = new ZipFile(zip.toFile())) {
                List<? extends ZipEntry> entries = file.stream().toList();
                requirePackage(zip, entries);
                AtomicDirectory.replace(target, staging -> extract(zip, file, entries, staging));
            } catch (ZipException | IllegalArgumentException e) { // the latter: of names
                throw new IOException(
                        zip + " is neither a package directory nor a whole zip of one.", e);
            }
        }
        return Utils.getNestedModelDir(target);
    }

    private static void requirePackage(Path zip, List<? extends ZipEntry> entries)
            throws IOException {
        boolean described =
                entries.stream()
                        .anyMatch(e -> Path.of(e.getName()).endsWith(ModelPackage.DESCRIPTION));
        if (!described) {
            throw new IOException(
                    "%s is a zip, but not of a model package: it has no %s."
                            .formatted(zip, ModelPackage.DESCRIPTION));
        }
        if (entries.size() > MOST_ENTRIES) {
            throw new IOException(
                    String.format(
                            Locale.ROOT,
                            "%s has %d entries, but a package has a few; it is not unpacked.",
                            zip,
                            entries.size()));
        }
    }

    private static void extract(Path zip, ZipFile file, List<? extends ZipEntry> entries, Path into)
            throws IOException {
        long left = MOST_TIMES * Files.size(zip) + MOST_TEXT;
        for (ZipEntry entry : entries) {
            Path path = into.resolve(entry.getName()).normalize();
            if (!path.startsWith(into)) {
                throw new IOException(
                        "%s wants to write outside its directory (%s); it is not unpacked."
                                .formatted(zip, entry.getName()));
            }
            if (entry.isDirectory()) {
                Files.createDirectories(path);
                continue;
            }
            Files.createDirectories(path.getParent());
            try (InputStream in = file.getInputStream(entry);
                    OutputStream out = Files.newOutputStream(path)) {
                left -= copy(in, out, left);
            }
            if (left < 0) {
                throw new IOException(
                        String.format(
                                Locale.ROOT,
                                "%s unpacks to more than %d times its size, which no package does; it is not unpacked.",
                                zip,
                                MOST_TIMES));
            }
        }
    }

    /** Copies until one byte more than allowed. */
    private static long copy(InputStream in, OutputStream out, long most) throws IOException {
        byte[] buffer = new byte[1 << 16];
        long copied = 0;
        for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
            copied += n;
            if (copied > most) {
                break;
            }
            out.write(buffer, 0, n);
        }
        return copied;
    }
}
