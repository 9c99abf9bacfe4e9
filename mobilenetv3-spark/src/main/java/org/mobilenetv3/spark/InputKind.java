package org.mobilenetv3.spark;

import java.util.Arrays;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** What a column of images holds. */
enum InputKind {
    /** The bytes of an image file, as {@code content} of Spark's data source {@code binaryFile}. */
    BYTES,
    /** Where an image file lies: a path, or an address of a file system that Hadoop knows. */
    PATH,
    /** Samples, as of Spark's data source {@code image}. */
    IMAGE;

    /**
     * Finds out.
     *
     * @param schema of the data set
     * @param column the name of the column
     * @return what it holds
     * @throws IllegalArgumentException in one sentence, if there is no such column, or of no such
     *     type
     */
    static InputKind of(StructType schema, String column) {
        if (!Arrays.asList(schema.fieldNames()).contains(column)) {
            throw new IllegalArgumentException(
                    "There is no column '%s' of images; the data set has %s (set inputCol)."
                            .formatted(column, String.join(", ", schema.fieldNames())));
        }
        DataType type = schema.apply(column).dataType();
        if (type.equals(DataTypes.BinaryType)) {
            return BYTES;
        }
        if (type.equals(DataTypes.StringType)) {
            return PATH;
        }
        if (type instanceof StructType image && SparkImage.isIn(image)) {
            return IMAGE;
        }
        throw new IllegalArgumentException(
                "The column '%s' is of type %s; images are binary (an image file's bytes), string (its path) or Spark's image struct."
                        .formatted(column, type.simpleString()));
    }
}
