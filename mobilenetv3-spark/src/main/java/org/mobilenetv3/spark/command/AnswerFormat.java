package org.mobilenetv3.spark.command;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.to_json;
import static org.apache.spark.sql.functions.when;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.spark.ml.functions;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;

/** How answers are written: a row for each image. */
enum AnswerFormat {
    /** Columnar, with arrays. */
    PARQUET,
    /** Text with a head line; arrays are JSON in quotes. */
    CSV,
    /** An object on each line. */
    JSON;

    private static final Map<String, String> OF_CSV =
            Map.of("header", "true", "escape", "\"", "multiLine", "true");

    private Map<String, String> options() {
        return this == CSV ? OF_CSV : Map.of();
    }

    /** Returns the answers as columns. */
    Dataset<Row> columns(Dataset<Row> answers, boolean embedding) {
        List<Column> columns = new ArrayList<>();
        columns.add(col("path"));
        columns.add(col("prediction.label"));
        columns.add(col("prediction.probability"));
        columns.add(array("topK", col("prediction.topK")));
        if (embedding) {
            Column vector = col("prediction.embedding");
            Column values = functions.vector_to_array(vector, "float32");
            columns.add(array("embedding", when(vector.isNotNull(), values)));
        }
        columns.add(col("prediction.error"));
        return answers.select(columns.toArray(Column[]::new));
    }

    private Column array(String name, Column values) {
        return (this == CSV ? to_json(values) : values).as(name);
    }

    /** Writes into a new directory. */
    void write(Dataset<Row> columns, String directory) {
        columns.write().format(toString()).options(options()).save(directory);
    }

    /** Reads what was written. */
    Dataset<Row> read(SparkSession spark, StructType schema, String directory) {
        return spark.read().format(toString()).options(options()).schema(schema).load(directory);
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
