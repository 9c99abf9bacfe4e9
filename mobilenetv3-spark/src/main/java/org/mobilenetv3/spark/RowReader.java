package org.mobilenetv3.spark;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.Serializable;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Row;
import org.apache.spark.util.SerializableConfiguration;
import org.mobilenetv3.image.DecodingMemory;
import org.mobilenetv3.image.Pixels;

/**
 * Reads the image of a row.
 *
 * @param kind what the column holds
 * @param column of images, by index
 * @param name the column that tells where the image came from, by index; -1 if none does
 * @param hadoop what file systems need to know
 */
record RowReader(InputKind kind, int column, int name, Broadcast<SerializableConfiguration> hadoop)
        implements Serializable {

    /** Returns about how many bytes the row keeps in memory. */
    long bytes(Row row) {
        if (row.isNullAt(column)) {
            return 0;
        }
        return switch (kind) {
            case BYTES -> row.<byte[]>getAs(column).length;
            case PATH -> 0;
            case IMAGE -> row.getStruct(column).<byte[]>getAs(5).length;
        };
    }

    /** Returns what messages call the image. */
    String name(Row row) {
        String told = null;
        if (kind == InputKind.PATH) {
            told = row.getString(column);
        } else if (kind == InputKind.IMAGE && !row.isNullAt(column)) {
            told = SparkImage.origin(row.getStruct(column));
        } else if (name >= 0) {
            told = row.getString(name);
        }
        return told == null ? "image" : told;
    }

    /**
     * Reads the image.
     *
     * @param memory its share, to be closed when the image is no longer needed
     * @throws IOException in one sentence, if there is none that can be decoded
     */
    Pixels read(Row row, DecodingMemory.Share memory) throws IOException {
        if (row.isNullAt(column)) {
            throw new IOException("The row has no image: its column is null.");
        }
        String name = name(row);
        return switch (kind) {
            case BYTES -> Pixels.decode(row.getAs(column), name, memory);
            case PATH -> file(name, hadoop.value().value(), memory);
            case IMAGE -> SparkImage.pixels(row.getStruct(column), name);
        };
    }

    private static Pixels file(String name, Configuration hadoop, DecodingMemory.Share memory)
            throws IOException {
        if (name.isBlank()) {
            throw new IOException("The row has no image: its path is empty.");
        }
        Path path = new Path(name);
        FileSystem files = path.getFileSystem(hadoop);
        if (files.getScheme().equals("file")) { // spares a look for Hadoop's checksum beside it
            String local = files.makeQualified(path).toUri().getPath();
            return Pixels.read(java.nio.file.Path.of(local), memory);
        }
        byte[] bytes;
        try (InputStream in = files.open(path)) {
            bytes = in.readAllBytes();
        } catch (FileNotFoundException e) {
            throw new IOException(
                    "The image file '" + name + "' does not exist; check the path.", e);
        }
        return Pixels.decode(bytes, name, memory);
    }
}
