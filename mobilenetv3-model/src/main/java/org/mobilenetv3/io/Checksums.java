package org.mobilenetv3.io;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Checksums of files, and {@code SHA256SUMS}, which {@code sha256sum -c} checks. */
public final class Checksums {

    /** The file that holds the sums of all others in its directory. */
    public static final String FILE = "SHA256SUMS";

    private static final int DIGITS = 64;

    private Checksums() {}

    /**
     * Sums up a file.
     *
     * @param file any file
     * @return in hexadecimal
     * @throws IOException if it cannot be read
     */
    public static String sha256(Path file) throws IOException {
        return of(file, "SHA-256");
    }

    /**
     * Sums up a file with an algorithm of the JDK's.
     *
     * @param file any file
     * @param algorithm one that every JVM has: {@code SHA-256} or {@code MD5}
     * @return in hexadecimal
     * @throws IOException if the file cannot be read
     */
    public static String of(Path file, String algorithm) throws IOException {
        MessageDigest digest = digest(algorithm);
        try (InputStream in = new DigestInputStream(Files.newInputStream(file), digest)) {
            in.transferTo(OutputStream.nullOutputStream());
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    /**
     * Begins a sum.
     *
     * @param algorithm one that every JVM has: {@code SHA-256} or {@code MD5}
     * @return a sum over no byte yet
     */
    public static MessageDigest digest(String algorithm) {
        try {
            return MessageDigest.getInstance(algorithm);
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    /**
     * Writes the sums of all files in a directory and those below it.
     *
     * @param directory where {@value #FILE} is made or replaced
     * @throws IOException if a file cannot be read or written
     */
    public static void write(Path directory) throws IOException {
        StringBuilder lines = new StringBuilder();
        of(directory).forEach((name, sum) -> lines.append(sum + "  " + name + "\n"));
        Files.writeString(directory.resolve(FILE), lines);
    }

    /**
     * Returns whether a directory holds what its {@value #FILE} lists, unchanged, and nothing else.
     *
     * @param directory any directory
     * @return whether every file in it has its sum; false without {@value #FILE}
     * @throws IOException if a file cannot be read
     */
    public static boolean matches(Path directory) throws IOException {
        Path file = directory.resolve(FILE);
        if (!Files.isRegularFile(file)) {
            return false;
        }
        Map<String, String> listed = new TreeMap<>();
        for (String line : Files.readAllLines(file)) {
            if (line.length() < DIGITS + 3) {
                return false;
            }
            listed.put(line.substring(DIGITS + 2), line.substring(0, DIGITS));
        }
        return listed.equals(of(directory));
    }

    /** The sums of all files but the list itself, by their names with slashes. */
    private static Map<String, String> of(Path directory) throws IOException {
        List<Path> files;
        try (Stream<Path> all = Files.walk(directory)) {
            files = all.filter(file -> !Files.isDirectory(file)).toList();
        }
        Map<String, String> sums = new TreeMap<>();
        for (Path file : files) {
            String name = directory.relativize(file).toString().replace('\\', '/');
            if (!name.equals(FILE)) {
                sums.put(name, sha256(file));
            }
        }
        return sums;
    }
}
