package org.mobilenetv3.spark.command;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * Where answers are written, on any file system of Hadoop's: files of answers named after their
 * chunk, and {@code _batch} with the settings, the list of images in chunks, and a mark for each
 * chunk that is done.
 */
final class BatchDirectory {

    private static final String OWN = "_batch";

    private final FileSystem files;
    private final Path out;
    private final Path settings;
    private final Path listed;

    private BatchDirectory(FileSystem files, Path out) {
        this.files = files;
        this.out = out;
        settings = new Path(out, OWN + "/settings.json");
        listed = new Path(out, OWN + "/listed");
    }

    /**
     * Opens a new directory, or one that the same command has begun.
     *
     * @throws IOException in one sentence, if there is something else
     */
    static BatchDirectory open(String out, BatchSettings settings, Configuration hadoop)
            throws IOException {
        Path path = new Path(out);
        BatchDirectory directory = new BatchDirectory(path.getFileSystem(hadoop), path);
        directory.begin(settings);
        return directory;
    }

    private void begin(BatchSettings now) throws IOException {
        if (files.exists(settings)) {
            String other = now.difference(text(settings));
            if (other != null) {
                throw new IOException(
                        "%s holds answers to another %s; give --out a new directory, or the options of before."
                                .formatted(out, other));
            }
            return;
        }
        if (files.exists(out)
                && (!files.getFileStatus(out).isDirectory()
                        || files.listStatus(out, path -> !path.getName().equals(OWN)).length > 0)) {
            throw new IOException(
                    "%s is there already and holds no answers of 'batch'; give --out a new directory."
                            .formatted(out));
        }
        write(settings, now.json());
    }

    /** Returns whether all images are listed. */
    boolean isListed() throws IOException {
        return files.exists(listed);
    }

    /** Returns the number of images. */
    long images() throws IOException {
        return Long.parseLong(text(listed).lines().toList().get(0));
    }

    /** Returns the number of images of all chunks but the last. */
    int chunk() throws IOException {
        return Integer.parseInt(text(listed).lines().toList().get(1));
    }

    /** Notes that all images are listed. */
    void setListed(long images, int chunk) throws IOException {
        write(listed, images + "\n" + chunk + "\n");
    }

    /** Forgets everything, as nothing was done yet. */
    void delete() throws IOException {
        files.delete(new Path(out, OWN), true);
        if (files.listStatus(out).length == 0) {
            files.delete(out, false);
        }
    }

    /** Begins the list of a chunk's images. */
    OutputStream list(int chunk) throws IOException {
        return files.create(list(number(chunk)), true);
    }

    /** Returns the paths of a chunk's images. */
    List<String> paths(int chunk) throws IOException {
        List<String> paths = new ArrayList<>();
        try (BufferedReader in =
                new BufferedReader(
                        new InputStreamReader(
                                files.open(list(number(chunk))), StandardCharsets.UTF_8))) {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                paths.add(ImageList.decoded(line));
            }
        }
        return paths;
    }

    private Path list(String number) {
        return new Path(out, OWN + "/list/" + number);
    }

    /** Returns whether a chunk's answers are all there. */
    boolean isDone(int chunk) throws IOException {
        return files.exists(done(chunk));
    }

    private Path done(int chunk) {
        return new Path(out, OWN + "/done/" + number(chunk));
    }

    private static String number(int chunk) {
        return String.format(Locale.ROOT, "%06d", chunk);
    }

    /** Returns a directory that is not there, for answers on their way. */
    String staging() throws IOException {
        Path staging = new Path(out, OWN + "/now");
        files.delete(staging, true);
        return staging.toString();
    }

    /** Moves a chunk's answers to their place; what an earlier try has left there goes. */
    void keep(int chunk, String staging) throws IOException {
        String prefix = number(chunk) + "-";
        for (FileStatus old : files.listStatus(out, path -> path.getName().startsWith(prefix))) {
            files.delete(old.getPath(), false);
        }
        for (FileStatus part :
                files.listStatus(new Path(staging), path -> path.getName().startsWith("part-"))) {
            Path target = new Path(out, prefix + part.getPath().getName());
            if (!files.rename(part.getPath(), target)) {
                throw new IOException("%s cannot be renamed to %s.".formatted(part, target));
            }
        }
        write(done(chunk), "");
        files.delete(new Path(staging), true);
    }

    private String text(Path path) throws IOException {
        try (InputStream in = files.open(path)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    /** Whole or not at all. */
    private void write(Path path, String text) throws IOException {
        Path beside = path.suffix(".tmp");
        try (OutputStream stream = files.create(beside, true)) {
            stream.write(text.getBytes(StandardCharsets.UTF_8));
        }
        if (!files.rename(beside, path)) {
            throw new IOException("%s cannot be written.".formatted(path));
        }
    }

    @Override
    public String toString() {
        return out.toString();
    }
}
