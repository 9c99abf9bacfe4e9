package org.mobilenetv3.dist;

import java.io.BufferedInputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;

/** What the build has made, and where. */
final class Downloads {

    static final String VERSION = System.getProperty("dist.version");
    static final Path DIRECTORY = Path.of("target").toAbsolutePath();
    static final String TOP = "mobilenetv3-" + VERSION + "/";
    static final Path ZIP = archive(".zip");
    static final Path TAR = archive(".tar.gz");
    static final Path IMAGE = DIRECTORY.resolve("mobilenetv3-serve-" + VERSION + "-image.tar");
    static final Path BUNDLE = DIRECTORY.resolve("mobilenetv3-" + VERSION + "-central-bundle.zip");

    private Downloads() {}

    private static Path archive(String ending) {
        return DIRECTORY.resolve(
                "mobilenetv3-" + VERSION + "-" + System.getProperty("dist.classifier") + ending);
    }

    /** The classes of the checkout and the jars that they need. */
    static String checkoutClassPath() {
        return Stream.of(System.getProperty("java.class.path").split(File.pathSeparator, -1))
                .map(
                        entry ->
                                entry.replaceFirst(
                                        "(mobilenetv3-\\w+.target.)mobilenetv3-[^/\\\\]*\\.jar$",
                                        "$1classes"))
                .filter(entry -> !entry.endsWith("test-classes"))
                .collect(Collectors.joining(File.pathSeparator));
    }

    /** Unpacks what is in a folder of a tar file, with the modes of its files. */
    static void untar(InputStream packed, String folder, Path directory) throws IOException {
        try (TarArchiveInputStream tar =
                new TarArchiveInputStream(new BufferedInputStream(packed))) {
            for (TarArchiveEntry entry = tar.getNextEntry();
                    entry != null;
                    entry = tar.getNextEntry()) {
                Path file = directory.resolve(entry.getName());
                if (!entry.getName().startsWith(folder)) {
                    continue;
                }
                if (entry.isDirectory()) {
                    Files.createDirectories(file);
                } else {
                    Files.createDirectories(file.getParent());
                    Files.copy(tar, file);
                    if ((entry.getMode() & 0111) != 0 && !file.toFile().setExecutable(true)) {
                        throw new IOException(file + " cannot be made executable.");
                    }
                }
            }
        }
    }

    /** The lines of a file as sha256sum writes it: digests by name. */
    static Map<String, String> sums(String lines) {
        return lines.lines()
                .collect(
                        Collectors.toMap(
                                line -> line.substring(66),
                                line -> line.substring(0, 64),
                                (a, b) -> {
                                    throw new IllegalStateException("A file is named twice.");
                                },
                                TreeMap::new));
    }

    static String digest(String algorithm, InputStream content) throws IOException {
        try (content) {
            MessageDigest digest = MessageDigest.getInstance(algorithm);
            byte[] buffer = new byte[1 << 16];
            for (int n = content.read(buffer); n >= 0; n = content.read(buffer)) {
                digest.update(buffer, 0, n);
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    static String digest(String algorithm, Path file) throws IOException {
        return digest(algorithm, Files.newInputStream(file));
    }
}
