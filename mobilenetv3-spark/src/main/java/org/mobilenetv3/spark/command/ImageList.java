package org.mobilenetv3.spark.command;

import ai.djl.util.JsonUtils;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.util.Arrays;
import java.util.Iterator;
import java.util.Locale;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RemoteIterator;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.mobilenetv3.image.ImageFiles;

/** Writes the list of images in chunks; holds no more of it than it writes. */
final class ImageList implements AutoCloseable {

    private static final String PARQUET = ".parquet";

    private final SparkSession spark;
    private final BatchDirectory directory;
    private final int chunk;
    private Writer list;
    private int chunks;
    private long images;

    private ImageList(SparkSession spark, BatchDirectory directory, int chunk) {
        this.spark = spark;
        this.directory = directory;
        this.chunk = chunk;
    }

    /**
     * Lists all images of a command's input.
     *
     * @param chunk images of each list
     * @throws IOException in one sentence, if there are none, or an input is missing
     */
    static void write(
            SparkSession spark, BatchDirectory directory, BatchSettings settings, int chunk)
            throws IOException {
        long images;
        try (ImageList list = new ImageList(spark, directory, chunk)) {
            for (String input : settings.input()) {
                list.add(input);
            }
            images = list.images;
            if (images == 0) {
                throw new IOException(
                        "There are no images in %s: no files that end in .jpg, .png and the like."
                                .formatted(String.join(", ", settings.input())));
            }
        } catch (IOException | RuntimeException e) {
            directory.delete();
            throw e;
        }
        directory.setListed(images, chunk);
    }

    private void add(String input) throws IOException {
        Path path = new Path(input);
        FileSystem files = path.getFileSystem(spark.sparkContext().hadoopConfiguration());
        FileStatus[] found =
                files.exists(path)
                        ? new FileStatus[] {files.getFileStatus(path)}
                        : files.globStatus(path);
        if (found == null || found.length == 0) {
            throw new IOException("There is nothing at %s; check --input.".formatted(input));
        }
        for (FileStatus one : found) {
            if (one.getPath().getName().endsWith(PARQUET)) {
                addParquet(one.getPath());
            } else if (!one.isDirectory()) {
                add(text(files, one.getPath()), true);
            } else if (files.getScheme().equals("file")) {
                addLocal(java.nio.file.Path.of(one.getPath().toUri().getPath()));
            } else {
                addAll(files, one.getPath());
            }
        }
    }

    private void addParquet(Path file) throws IOException {
        Dataset<Row> rows = spark.read().parquet(file.toString());
        boolean paths =
                Arrays.asList(rows.schema().fieldNames()).contains("path")
                        && rows.schema().apply("path").dataType().equals(DataTypes.StringType);
        if (!paths) {
            throw new IOException(
                    "%s has no column 'path' of strings; it has %s."
                            .formatted(file, rows.schema().simpleString()));
        }
        Iterator<Row> all = rows.select("path").toLocalIterator();
        while (all.hasNext()) {
            Row row = all.next();
            add(row.isNullAt(0) ? "" : row.getString(0), true);
        }
    }

    /** Hadoop's own listing fails at names with a colon, and starts a program for each file. */
    private void addLocal(java.nio.file.Path directory) throws IOException {
        try (DirectoryStream<java.nio.file.Path> entries = Files.newDirectoryStream(directory)) {
            for (java.nio.file.Path entry : entries) {
                if (Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS)) {
                    if (!isHidden(entry.getFileName().toString())) {
                        addLocal(entry);
                    }
                } else {
                    add(entry.toString(), false);
                }
            }
        }
    }

    private void addAll(FileSystem files, Path directory) throws IOException {
        RemoteIterator<FileStatus> entries = files.listStatusIterator(directory);
        while (entries.hasNext()) {
            FileStatus entry = entries.next();
            if (!entry.isDirectory()) {
                add(text(files, entry.getPath()), false);
            } else if (!isHidden(entry.getPath().getName())) {
                addAll(files, entry.getPath());
            }
        }
    }

    private static String text(FileSystem files, Path path) {
        return files.getScheme().equals("file") ? path.toUri().getPath() : path.toString();
    }

    private static boolean isHidden(String name) {
        return name.startsWith(".") || name.startsWith("_");
    }

    /** Adds an image; of those that were not named one by one, files that may be images only. */
    private void add(String path, boolean named) throws IOException {
        String name = path.substring(path.lastIndexOf('/') + 1);
        String end = name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
        boolean image = ImageFiles.EXTENSIONS.contains(end) || ImageFiles.FOREIGN.contains(end);
        if (!named && (!image || isHidden(name))) {
            return;
        }
        if (images % chunk == 0) {
            next();
        }
        list.write(JsonUtils.GSON.toJson(path));
        list.write('\n');
        images++;
    }

    /** Returns the path of a line. */
    static String decoded(String line) {
        return JsonUtils.GSON.fromJson(line, String.class);
    }

    private void next() throws IOException {
        if (list != null) {
            list.close();
        }
        list =
                new BufferedWriter(
                        new OutputStreamWriter(directory.list(chunks), StandardCharsets.UTF_8));
        chunks++;
    }

    @Override
    public void close() throws IOException {
        if (list != null) {
            list.close();
        }
    }
}
