import java.util.List;
import org.apache.spark.ml.Pipeline;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.mobilenetv3.spark.MobileNetV3Transformer;

/**
 * Saves a pipeline with the stage, or loads it in a JVM of its own, and writes what it answers. Run by
 * bench/spark.py.
 *
 * <pre>SavedStage PIPELINE IMAGES OUT [WEIGHTS]</pre>
 *
 * With WEIGHTS, the pipeline is made and saved.
 */
public final class SavedStage {

    private SavedStage() {}

    public static void main(String[] args) throws Exception {
        SparkSession spark =
                SparkSession.builder()
                        .master("local[2]")
                        .config("spark.ui.enabled", false)
                        .config("spark.driver.host", "127.0.0.1")
                        .config("spark.driver.bindAddress", "127.0.0.1")
                        .getOrCreate();
        spark.sparkContext().setLogLevel("ERROR");
        Dataset<Row> files =
                spark.read().format("binaryFile").option("recursiveFileLookup", true).load(args[1]);
        if (args.length > 3) {
            MobileNetV3Transformer stage =
                    new MobileNetV3Transformer().setWeights(args[3]).setTopK(4).setEmbedding(true);
            new Pipeline()
                    .setStages(new PipelineStage[] {stage})
                    .fit(files)
                    .write()
                    .overwrite()
                    .save(args[0]);
            write(stage.transform(files), args[2]);
        } else {
            write(PipelineModel.load(args[0]).transform(files), args[2]);
        }
        spark.stop();
    }

    private static void write(Dataset<Row> answers, String out) {
        answers.select("path", "prediction").coalesce(1).write().mode("overwrite").json(out);
    }
}
