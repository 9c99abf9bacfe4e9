package org.mobilenetv3.train.data.source;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.mobilenetv3.train.data.ImageSet;
import org.mobilenetv3.train.data.Splits;

/**
 * Reads the binary version of CIFAR-10 and CIFAR-100, {@code (3, 32, 32)}, from the standard
 * archive, a directory that holds it or its files, or DJL's data-set cache.
 */
final class CifarBinary {
    private static final int SIDE = 32;
    private static final int IMAGE_BYTES = 3 * SIDE * SIDE;
    private static final long MAX_FILE_BYTES = 1L << 29;
    // DJL's Cifar10 keeps the five training batches in one file.
    private static final List<String> DJL_TRAIN_FILES = List.of("data_batch.bin");

    private CifarBinary() {}

    /** Whether a directory holds the data set (files, folder or archive) or a file is given. */
    static boolean isAt(CifarKind kind, Path path) {
        return Files.isRegularFile(path)
                || archiveAt(kind, path) != null
                || folderAt(kind, path) != null;
    }

    /**
     * Reads the data set and carves a validation set out of the training images.
     *
     * @param path a {@code .tar.gz}, or a directory with it, its folder or its files
     * @throws IOException in one sentence, if a file is missing, truncated or of the wrong size
     */
    static Splits read(CifarKind kind, Path path, long seed) throws IOException {
        Path folder = folderAt(kind, path);
        Path archive = Files.isRegularFile(path) ? path : archiveAt(kind, path);
        Map<String, byte[]> files;
        if (folder != null) {
            files = readFolder(kind, folder);
        } else if (archive != null) {
            files = readArchive(kind, archive);
        } else {
            throw new IOException(
                    "%s is not in '%s'; give the directory of %s or of its files."
                            .formatted(kind.title(), path, kind.archive()));
        }
        String origin = (folder != null ? folder : archive).toString();
        return parse(kind, files, origin, seed);
    }

    private static Splits parse(CifarKind kind, Map<String, byte[]> files, String origin, long seed)
            throws IOException {
        List<String> trainFiles =
                files.keySet().containsAll(DJL_TRAIN_FILES) ? DJL_TRAIN_FILES : kind.trainFiles();
        List<String> classes = classNames(kind, files, origin);
        ImageSet train = part(kind, classes, files, trainFiles, origin);
        ImageSet test = part(kind, classes, files, List.of(kind.testFile()), origin);
        return Splits.carveValidation(train, test, seed);
    }

    private static ImageSet part(
            CifarKind kind,
            List<String> classes,
            Map<String, byte[]> files,
            List<String> names,
            String origin)
            throws IOException {
        List<byte[]> images = new ArrayList<>();
        List<Integer> labels = new ArrayList<>();
        int record = kind.labelBytes() + IMAGE_BYTES;
        for (String name : names) {
            byte[] bytes = files.get(name);
            if (bytes == null) {
                throw new IOException(
                        "'%s' holds no %s; fetch %s again."
                                .formatted(origin, name, kind.archive()));
            }
            if (bytes.length == 0 || bytes.length % record != 0) {
                throw new IOException(
                        String.format(
                                Locale.ROOT,
                                ("%s in '%s' has %d bytes, which is not a whole number of images of %d;"
                                        + " fetch it again."),
                                name,
                                origin,
                                bytes.length,
                                record));
            }
            for (int at = 0; at < bytes.length; at += record) {
                int label = bytes[at + kind.labelBytes() - 1] & 0xFF;
                if (label >= classes.size()) {
                    throw new IOException(
                            String.format(
                                    Locale.ROOT,
                                    "%s in '%s' holds the label %d; expected 0 to %d: fetch it again.",
                                    name,
                                    origin,
                                    label,
                                    classes.size() - 1));
                }
                labels.add(label);
                images.add(Arrays.copyOfRange(bytes, at + kind.labelBytes(), at + record));
            }
            files.remove(name); // at most one batch is in memory twice
        }
        return new ImageSet(
                kind.id(),
                classes,
                3,
                SIDE,
                SIDE,
                images.toArray(byte[][]::new),
                labels.stream().mapToInt(Integer::intValue).toArray());
    }

    private static List<String> classNames(CifarKind kind, Map<String, byte[]> files, String origin)
            throws IOException {
        byte[] text = files.get(kind.namesFile());
        if (text == null) {
            return kind.classes();
        }
        List<String> names =
                new String(text, StandardCharsets.UTF_8)
                        .lines()
                        .map(String::strip)
                        .filter(line -> !line.isEmpty())
                        .toList();
        if (names.size() != kind.classes().size()) {
            throw new IOException(
                    String.format(
                            Locale.ROOT,
                            "%s in '%s' lists %d class names; expected %d: fetch it again.",
                            kind.namesFile(),
                            origin,
                            names.size(),
                            kind.classes().size()));
        }
        return names;
    }

    private static Set<String> wanted(CifarKind kind) {
        Set<String> names = new HashSet<>(kind.trainFiles());
        names.add(kind.testFile());
        names.add(kind.namesFile());
        if (kind == CifarKind.CIFAR10) {
            names.addAll(DJL_TRAIN_FILES);
        }
        return names;
    }

    private static Map<String, byte[]> readFolder(CifarKind kind, Path folder) throws IOException {
        Map<String, byte[]> files = new HashMap<>();
        for (String name : wanted(kind)) {
            Path file = folder.resolve(name);
            if (Files.isRegularFile(file)) {
                requireReasonable(name, folder, Files.size(file));
                files.put(name, Files.readAllBytes(file));
            }
        }
        return files;
    }

    static Map<String, byte[]> readArchive(CifarKind kind, Path archive) throws IOException {
        try (InputStream raw = new BufferedInputStream(Files.newInputStream(archive), 1 << 16);
                GZIPInputStream gzip = new GZIPInputStream(raw, 1 << 16);
                TarArchiveInputStream tar = new TarArchiveInputStream(gzip)) {
            Map<String, byte[]> files = readEntries(kind, archive, tar);
            while (gzip.read(new byte[1 << 13]) >= 0) {} // to the end, where the checksum is
            return files;
        } catch (Sentence e) {
            throw e;
        } catch (IOException | RuntimeException e) {
            // commons-compress meets damage with any kind of exception.
            throw new IOException(
                    "'%s' is truncated or no .tar.gz (%s); delete it and fetch %s again."
                            .formatted(archive, reason(e), kind.archive()),
                    e);
        }
    }

    private static Map<String, byte[]> readEntries(
            CifarKind kind, Path archive, TarArchiveInputStream tar) throws IOException {
        Map<String, byte[]> files = new HashMap<>();
        Set<String> wanted = wanted(kind);
        for (TarArchiveEntry entry = tar.getNextEntry();
                entry != null;
                entry = tar.getNextEntry()) {
            String name = entry.getName().substring(entry.getName().lastIndexOf('/') + 1);
            if (!entry.isFile() || !wanted.contains(name)) {
                continue;
            }
            requireReasonable(name, archive, entry.getSize());
            byte[] bytes = tar.readNBytes((int) entry.getSize());
            if (bytes.length != entry.getSize()) {
                throw new EOFException("it ends inside " + name);
            }
            files.put(name, bytes);
        }
        return files;
    }

    private static void requireReasonable(String name, Path origin, long size) throws IOException {
        if (size < 0 || size > MAX_FILE_BYTES) {
            throw new Sentence(
                    String.format(
                            Locale.ROOT,
                            ("%s in '%s' claims %d bytes; CIFAR's files have at most 154 million:"
                                    + " fetch it again."),
                            name,
                            origin,
                            size));
        }
    }

    private static String reason(Exception e) {
        String message = e.getMessage();
        return message == null || message.isBlank()
                ? e.getClass().getSimpleName()
                : message.strip().replaceAll("[.]+$", "");
    }

    private static Path archiveAt(CifarKind kind, Path directory) {
        Path archive = directory.resolve(kind.archive());
        return Files.isRegularFile(archive) ? archive : null;
    }

    private static Path folderAt(CifarKind kind, Path directory) {
        for (Path folder : List.of(directory.resolve(kind.folder()), directory)) {
            boolean any = kind.trainFiles().stream().anyMatch(f -> Files.exists(folder.resolve(f)));
            boolean djl =
                    kind == CifarKind.CIFAR10
                            && Files.exists(folder.resolve(DJL_TRAIN_FILES.get(0)));
            if (any || djl) {
                return folder;
            }
        }
        return null;
    }

    /** An IOException whose message already is the sentence to show. */
    private static final class Sentence extends IOException {
        private static final long serialVersionUID = 1;

        Sentence(String message) {
            super(message);
        }
    }
}
