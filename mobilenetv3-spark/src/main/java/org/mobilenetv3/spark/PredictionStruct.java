package org.mobilenetv3.spark;

import java.util.ArrayList;
import java.util.List;
import org.apache.spark.ml.attribute.NominalAttribute;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.Metadata;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.mobilenetv3.trained.Prediction;

/** The column of answers. */
final class PredictionStruct {

    private static final StructType CLASS =
            new StructType()
                    .add("label", DataTypes.StringType, false)
                    .add("probability", DataTypes.FloatType, false);

    private PredictionStruct() {}

    /**
     * Returns the column's type: {@code label}, {@code probability}, {@code topK}, if wanted {@code
     * embedding}, and {@code error}, which alone is not null where an image cannot be read.
     */
    static StructType type(boolean embedding) {
        List<StructField> fields = new ArrayList<>();
        fields.add(DataTypes.createStructField("label", DataTypes.StringType, true));
        fields.add(DataTypes.createStructField("probability", DataTypes.FloatType, true));
        fields.add(
                DataTypes.createStructField("topK", DataTypes.createArrayType(CLASS, false), true));
        if (embedding) {
            fields.add(DataTypes.createStructField("embedding", SQLDataTypes.VectorType(), true));
        }
        fields.add(DataTypes.createStructField("error", DataTypes.StringType, true));
        return DataTypes.createStructType(fields);
    }

    /**
     * Returns the column's metadata: Spark ML's nominal attribute, whose values are the classes.
     */
    static Metadata metadata(String column, List<String> classes) {
        return NominalAttribute.defaultAttr()
                .withName(column)
                .withValues(classes.toArray(String[]::new))
                .toMetadata();
    }

    /**
     * Makes an answer.
     *
     * @param best classes, the likeliest first
     * @param embedding null if none is wanted
     */
    static Row of(List<Prediction> best, double[] embedding) {
        Row[] top =
                best.stream()
                        .map(one -> RowFactory.create(one.className(), (float) one.probability()))
                        .toArray(Row[]::new);
        Object label = top[0].get(0);
        Object probability = top[0].get(1);
        return embedding == null
                ? RowFactory.create(label, probability, top, null)
                : RowFactory.create(label, probability, top, Vectors.dense(embedding), null);
    }

    /** Makes the answer for an image that cannot be read. */
    static Row ofError(String error, boolean embedding) {
        return embedding
                ? RowFactory.create(null, null, null, null, error)
                : RowFactory.create(null, null, null, error);
    }
}
