package org.mobilenetv3.spark;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.apache.spark.SparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.ml.Transformer;
import org.apache.spark.ml.param.BooleanParam;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.param.ParamValidators;
import org.apache.spark.ml.util.DefaultParamsReader;
import org.apache.spark.ml.util.DefaultParamsWritable;
import org.apache.spark.ml.util.Identifiable;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.util.SerializableConfiguration;
import org.mobilenetv3.download.DownloadListener;
import org.mobilenetv3.pretrained.WeightsLocator;
import org.mobilenetv3.runtime.VectorModule;
import org.mobilenetv3.trained.NetEngine;
import scala.reflect.ClassTag$;

/**
 * A stage of a pipeline that classifies images: adds a column with a struct of {@code label} and
 * {@code probability} (the likeliest class), {@code topK} (an array of such pairs), if asked for
 * {@code embedding} (what the net's last layer reads, a vector), and {@code error}, null where the
 * image was read. The names of the classes are in the column's metadata, a nominal attribute of
 * Spark ML.
 *
 * <p>The net is read by the driver and sent to the executors, which open it once each, in Java
 * alone. It is saved as a stage with the place of its weights, not the weights themselves.
 */
public final class MobileNetV3Transformer extends Transformer implements DefaultParamsWritable {

    private static final long serialVersionUID = 1;

    /** Whoever has many stages is told once. */
    private static final AtomicBoolean WARNED = new AtomicBoolean();

    private final String uid;
    private final Param<String> weights;
    private final Param<String> inputCol;
    private final Param<String> outputCol;
    private final IntParam topK;
    private final IntParam batchSize;
    private final Param<String> engine;
    private final BooleanParam embedding;

    /** The net that was sent last; chunks of a batch follow each other. */
    private transient Sent sent;

    /** A net that executors may have. */
    private record Sent(
            String content, SparkContext context, PackedNet net, Broadcast<byte[]> bytes) {}

    /** Creates a stage; {@link #setWeights} says which net. */
    public MobileNetV3Transformer() {
        this(Identifiable.randomUID("MobileNetV3Transformer"));
    }

    /**
     * Creates a stage of a known name, as loading does.
     *
     * @param uid tells it from others
     */
    public MobileNetV3Transformer(String uid) {
        this.uid = uid;
        weights =
                new Param<>(
                        this,
                        "weights",
                        "a model package, a file of weights or an exported file, on the driver; or the name of published weights");
        inputCol =
                new Param<>(
                        this,
                        "inputCol",
                        "the column of images: bytes of image files, their paths, or Spark's image struct");
        outputCol = new Param<>(this, "outputCol", "the column of answers, which is new");
        topK = new IntParam(this, "topK", "classes of an answer", ParamValidators.gtEq(1));
        batchSize =
                new IntParam(
                        this, "batchSize", "images computed together", ParamValidators.gtEq(1));
        engine =
                new Param<>(
                        this,
                        "engine",
                        "what computes: vector, onnxruntime (exported ONNX files), torch (TorchScript files) or auto");
        embedding =
                new BooleanParam(
                        this, "embedding", "whether answers hold what the last layer reads");
        setDefault(inputCol, "content");
        setDefault(outputCol, "prediction");
        setDefault(topK, 3);
        setDefault(batchSize, 32);
        setDefault(engine, NetEngine.AUTO.toString());
        setDefault(embedding, false);
    }

    /**
     * Returns the reader of saved stages.
     *
     * @return one that makes what {@link #write} has written
     */
    public static MLReader<MobileNetV3Transformer> read() {
        return new DefaultParamsReader<>();
    }

    /**
     * Loads a saved stage.
     *
     * @param path where it lies
     * @return the stage
     */
    public static MobileNetV3Transformer load(String path) {
        return read().load(path);
    }

    @Override
    public String uid() {
        return uid;
    }

    /**
     * Returns the parameter of the weights.
     *
     * @return a path on the driver or a name
     */
    public Param<String> weights() {
        return weights;
    }

    /**
     * Returns the parameter of the column of images.
     *
     * @return the name of a column; at first {@code content}
     */
    public Param<String> inputCol() {
        return inputCol;
    }

    /**
     * Returns the parameter of the column of answers.
     *
     * @return the name of a column; at first {@code prediction}
     */
    public Param<String> outputCol() {
        return outputCol;
    }

    /**
     * Returns the parameter of the number of classes in an answer.
     *
     * @return at least 1; at first 3
     */
    public IntParam topK() {
        return topK;
    }

    /**
     * Returns the parameter of the number of images computed together.
     *
     * @return at least 1; at first 32
     */
    public IntParam batchSize() {
        return batchSize;
    }

    /**
     * Returns the parameter of the engine.
     *
     * @return the name of a {@link NetEngine}; at first {@code auto}
     */
    public Param<String> engine() {
        return engine;
    }

    /**
     * Returns the parameter that asks for embeddings.
     *
     * @return at first false
     */
    public BooleanParam embedding() {
        return embedding;
    }

    /**
     * Sets the weights.
     *
     * @param value a model package, a file of weights or an exported file, on the driver; the name
     *     of published weights, or an address, which are fetched if they are not here
     * @return this stage
     */
    public MobileNetV3Transformer setWeights(String value) {
        set(weights, value);
        return this;
    }

    /**
     * Sets the column of images.
     *
     * @param value a column of bytes of image files, of their paths, or of Spark's image struct
     * @return this stage
     */
    public MobileNetV3Transformer setInputCol(String value) {
        set(inputCol, value);
        return this;
    }

    /**
     * Sets the column of answers.
     *
     * @param value a new name
     * @return this stage
     */
    public MobileNetV3Transformer setOutputCol(String value) {
        set(outputCol, value);
        return this;
    }

    /**
     * Sets the number of classes in an answer.
     *
     * @param value at least 1
     * @return this stage
     */
    public MobileNetV3Transformer setTopK(int value) {
        set(topK, value);
        return this;
    }

    /**
     * Sets the number of images computed together.
     *
     * @param value at least 1; answers do not depend on it
     * @return this stage
     */
    public MobileNetV3Transformer setBatchSize(int value) {
        set(batchSize, value);
        return this;
    }

    /**
     * Sets what computes.
     *
     * @param value the name of a {@link NetEngine}: {@code vector} is Java alone, {@code
     *     onnxruntime} runs exported ONNX files and {@code torch} TorchScript files, where the
     *     executors have them; {@code auto} takes the vector engine for all that it can compute
     * @return this stage
     */
    public MobileNetV3Transformer setEngine(String value) {
        set(engine, value);
        return this;
    }

    /**
     * Asks for embeddings.
     *
     * @param value whether answers hold what the net's last layer reads
     * @return this stage
     */
    public MobileNetV3Transformer setEmbedding(boolean value) {
        set(embedding, value);
        return this;
    }

    @Override
    public MobileNetV3Transformer copy(ParamMap extra) {
        return defaultCopy(extra);
    }

    /**
     * Checks the columns and the parameters, and that the weights are here, which are fetched if
     * they are published.
     *
     * @param schema of a data set
     * @return with the column of answers
     * @throws IllegalArgumentException in one sentence, if the column of images is missing or of
     *     another type, the one of answers is there, there is no such engine, or the weights cannot
     *     be had
     */
    @Override
    public StructType transformSchema(StructType schema) {
        InputKind.of(schema, getOrDefault(inputCol));
        if (Arrays.asList(schema.fieldNames()).contains(getOrDefault(outputCol))) {
            throw new IllegalArgumentException(
                    "The data set has a column '%s' already; set outputCol to a new name."
                            .formatted(getOrDefault(outputCol)));
        }
        chosenEngine();
        locate();
        return schema.add(getOrDefault(outputCol), PredictionStruct.type(embeds()), false);
    }

    /**
     * Adds the column of answers. Nothing is computed until the rows are asked for; the net is read
     * at once.
     *
     * @param dataset any data set of batches or a stream, with a column of images
     * @return the data set with one column more
     * @throws IllegalArgumentException as {@link #transformSchema}, or if the net does not classify
     *     or the engine does not compute it
     * @throws UncheckedIOException in one sentence, if the weights cannot be read
     */
    @Override
    public Dataset<Row> transform(Dataset<?> dataset) {
        StructType schema = dataset.schema();
        StructType answered = transformSchema(schema);
        SparkContext context = dataset.sparkSession().sparkContext();
        Sent net = send(context);
        RowReader reader =
                new RowReader(
                        InputKind.of(schema, getOrDefault(inputCol)),
                        schema.fieldIndex(getOrDefault(inputCol)),
                        pathColumn(schema),
                        context.broadcast(
                                new SerializableConfiguration(context.hadoopConfiguration()),
                                ClassTag$.MODULE$.apply(SerializableConfiguration.class)));
        String column = getOrDefault(outputCol);
        return dataset.toDF()
                .mapPartitions(
                        new Classifier(
                                net.bytes(),
                                net.net().sha256(),
                                reader,
                                (int) getOrDefault(topK),
                                (int) getOrDefault(batchSize),
                                embeds()),
                        Encoders.row(answered))
                .withMetadata(
                        column,
                        PredictionStruct.metadata(column, net.net().description().classes()));
    }

    private boolean embeds() {
        return (boolean) getOrDefault(embedding);
    }

    /** Sends the net to the executors, unless it was sent before and its files are the same. */
    private synchronized Sent send(SparkContext context) {
        try {
            Path path = locate();
            String content = chosenEngine() + " " + embeds() + " " + state(path);
            if (sent == null || !sent.content.equals(content) || sent.context != context) {
                PackedNet net = PackedNet.pack(path, chosenEngine(), embeds());
                net.notes().forEach(note -> log().warn(note));
                warnOfPlainJava(context);
                sent =
                        new Sent(
                                content,
                                context,
                                net.withoutBytes(),
                                context.broadcast(
                                        net.bytes(), ClassTag$.MODULE$.apply(byte[].class)));
            }
            return sent;
        } catch (IOException e) {
            throw new UncheckedIOException(e.getMessage(), e);
        }
    }

    /** Says which files lie there and of when they are. */
    private static String state(Path path) throws IOException {
        try (Stream<Path> files = Files.walk(path, 1)) {
            StringBuilder state = new StringBuilder();
            for (Path file : files.sorted().toList()) {
                state.append(file)
                        .append(' ')
                        .append(Files.getLastModifiedTime(file))
                        .append(' ')
                        .append(Files.size(file))
                        .append(' ');
            }
            return state.toString();
        }
    }

    private Path locate() {
        if (!isSet(weights)) {
            throw new IllegalArgumentException(
                    "The stage has no weights; set them to a model package, a file of weights or a published name.");
        }
        try {
            return new WeightsLocator(DownloadListener.SILENT).locate(getOrDefault(weights));
        } catch (IOException e) {
            throw new IllegalArgumentException(e.getMessage(), e); // PySpark's, too
        }
    }

    private NetEngine chosenEngine() {
        String name = getOrDefault(engine);
        return Arrays.stream(NetEngine.values())
                .filter(one -> one.toString().equals(name.toLowerCase(Locale.ROOT)))
                .findFirst()
                .orElseThrow(
                        () ->
                                new IllegalArgumentException(
                                        "There is no engine '%s'; there are %s."
                                                .formatted(name, List.of(NetEngine.values()))));
    }

    /** The column by which binaryFile tells where bytes came from; -1 if there is none. */
    private static int pathColumn(StructType schema) {
        int index = Arrays.asList(schema.fieldNames()).indexOf("path");
        return index >= 0 && schema.apply(index).dataType().equals(DataTypes.StringType)
                ? index
                : -1;
    }

    /** Spark gives its executors the module itself, unless it is older; here it is the launcher. */
    private void warnOfPlainJava(SparkContext context) {
        if (context.isLocal() && !VectorModule.load() && !WARNED.getAndSet(true)) {
            log().warn(
                            "This JVM has no {}, so plain Java computes, about five times slower; start it with --add-modules {}.",
                            VectorModule.NAME,
                            VectorModule.NAME);
        }
    }
}
