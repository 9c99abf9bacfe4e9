package org.mobilenetv3.spark;

import java.io.IOException;
import java.util.List;
import java.util.Locale;
import org.apache.spark.ml.image.ImageSchema;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.mobilenetv3.image.Pixels;

/** The struct of Spark's data source {@code image}: samples row by row, blue before red. */
final class SparkImage {

    private static final int GRAY = 1;
    private static final int COLOR = 3;
    private static final int ALPHA = 4;

    private SparkImage() {}

    /** Returns whether a struct is an image's. */
    static boolean isIn(StructType type) {
        List<StructField> expected = List.of(ImageSchema.columnSchema().fields());
        StructField[] fields = type.fields();
        if (fields.length != expected.size()) {
            return false;
        }
        for (int i = 0; i < fields.length; i++) {
            if (!fields[i].name().equals(expected.get(i).name())
                    || !fields[i].dataType().equals(expected.get(i).dataType())) {
                return false;
            }
        }
        return true;
    }

    /** Returns where the image came from, for messages; null if that is not told. */
    static String origin(Row image) {
        return image.getString(0);
    }

    /**
     * Returns the samples, without alpha.
     *
     * @throws IOException in one sentence, if Spark could not decode the image
     */
    static Pixels pixels(Row image, String name) throws IOException {
        int height = image.getInt(1);
        int width = image.getInt(2);
        int channels = image.getInt(3);
        byte[] samples = image.getAs(5);
        boolean known = channels == GRAY || channels == COLOR || channels == ALPHA;
        if (!known || height < 1 || samples.length != (long) height * width * channels) {
            throw new IOException(
                    String.format(
                            Locale.ROOT,
                            "The image '%s' has %d bytes for %d by %d pixels of %d channels; Spark could not decode it.",
                            name,
                            samples.length,
                            width,
                            height,
                            channels));
        }
        int planes = channels == GRAY ? GRAY : COLOR;
        int plane = height * width;
        byte[] data = new byte[planes * plane];
        for (int c = 0; c < planes; c++) {
            int from = planes - 1 - c;
            for (int i = 0; i < plane; i++) {
                data[c * plane + i] = samples[i * channels + from];
            }
        }
        return new Pixels(data, planes, height, width);
    }
}
