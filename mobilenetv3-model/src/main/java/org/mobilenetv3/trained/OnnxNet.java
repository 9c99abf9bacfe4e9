package org.mobilenetv3.trained;

import ai.djl.ndarray.types.Shape;
import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions;
import ai.onnxruntime.TensorInfo;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.mobilenetv3.Task;
import org.mobilenetv3.io.FileErrors;
import org.mobilenetv3.runtime.HostFacts;
import org.mobilenetv3.weights.onnx.OnnxMetadata;

/** An exported ONNX file, run by ONNX Runtime on the CPU; several threads may ask it at once. */
public final class OnnxNet implements TrainedNet {

    /** The graph's input, {@code (N, C, H, W)}. */
    public static final String INPUT = "input";

    /** The graph's output, {@code (N, classes)} or what else the net's task says. */
    public static final String OUTPUT = "logits";

    /** A detector's output: left, top, right and bottom of each anchor, {@code (N, anchors, 4)}. */
    public static final String BOXES = "boxes";

    /** A detector's output: probabilities, the background's first, {@code (N, anchors, logits)}. */
    public static final String SCORES = "scores";

    /** The boxes of objects, {@code (objects, 4)}, where a detector's file finds them itself. */
    public static final String OBJECT_BOXES = "detection_boxes";

    /** The probabilities of objects, {@code (objects)}. */
    public static final String OBJECT_SCORES = "detection_scores";

    /** The classes of objects, from 0, {@code (objects)}. */
    public static final String OBJECT_LABELS = "detection_labels";

    private final OrtEnvironment environment;
    private final OrtSession session;
    private final NetDescription description;

    private final List<String> notes;

    /** Whether it takes one image at a time. */
    private final boolean one;

    private OnnxNet(
            OrtEnvironment environment,
            OrtSession session,
            NetDescription description,
            List<String> notes,
            boolean one) {
        this.notes = notes;
        this.one = one;
        this.environment = environment;
        this.session = session;
        this.description = description;
    }

    /**
     * Opens an ONNX file that this project exported.
     *
     * @param file its place
     * @param threads within one operation, at least 1
     * @return the net
     * @throws IOException in one sentence, if it is damaged or of another program
     */
    public static OnnxNet open(Path file, int threads) throws IOException {
        return open(file, threads, List.of());
    }

    /**
     * Opens an ONNX file of a net that was changed when it was opened itself.
     *
     * @param file its place
     * @param threads within one operation, at least 1
     * @param notes what was changed, {@link #notes}
     * @return the net
     * @throws IOException as {@link #open(Path, int)}
     */
    public static OnnxNet open(Path file, int threads, List<String> notes) throws IOException {
        GraphNet.requireThreads(threads);
        OrtEnvironment environment = environment();
        OrtSession session = null;
        try (SessionOptions options = options(threads)) {
            // Not by its path: that would reach native code in Java's modified UTF-8.
            session = environment.createSession(bytes(file), options);
            NetDescription description = describe(file, session);
            boolean one = shape(session.getInputInfo(), INPUT)[0] == 1;
            OnnxNet net = new OnnxNet(environment, session, description, notes, one);
            session = null;
            return net;
        } catch (OrtException e) {
            throw new IOException(
                    "%s cannot be opened: it is damaged or no ONNX file that ONNX Runtime runs (%s)."
                            .formatted(file, e.getCode()),
                    e);
        } finally {
            close(session);
        }
    }

    /**
     * Returns how nets are run.
     *
     * @param threads within one operation, at least 1
     * @return options of a session; close them after use
     * @throws OrtException if ONNX Runtime refuses them
     */
    public static SessionOptions options(int threads) throws OrtException {
        SessionOptions options = new SessionOptions();
        options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL);
        options.setIntraOpNumThreads(threads);
        options.setInterOpNumThreads(1);
        if (!HostFacts.hasFeature("avx512_vnni", "avx_vnni")) {
            // There, x86 kernels for int8 cut sums off at 16 bits unless they are told not to.
            options.addConfigEntry("session.x64quantprecision", "1");
        }
        return options;
    }

    /**
     * Returns ONNX Runtime's version.
     *
     * @return for instance {@code 1.28.0}
     */
    public static String version() {
        return OrtEnvironment.getEnvironment().getVersion();
    }

    private static byte[] bytes(Path file) throws IOException {
        if (Files.size(file) > Integer.MAX_VALUE - 8) {
            throw new IOException(
                    String.format(
                            Locale.ROOT,
                            "%s has %d bytes, but exported nets have less than 2^31.",
                            file,
                            Files.size(file)));
        }
        return Files.readAllBytes(file);
    }

    /**
     * Starts ONNX Runtime, which then reports nothing to anybody.
     *
     * @return its one environment
     * @throws IOException if its library cannot be loaded
     */
    public static OrtEnvironment environment() throws IOException {
        try {
            OrtEnvironment environment = OrtEnvironment.getEnvironment();
            environment.setTelemetry(false); // on Windows it is on
            return environment;
        } catch (LinkageError | OrtException e) {
            throw new IOException(unloadable(e), e);
        }
    }

    /** Its library is copied to the temporary directory, to be loaded from there. */
    private static String unloadable(Throwable e) {
        Throwable root = e;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        String reason = String.valueOf(FileErrors.sentence(root));
        boolean absent = OnnxNet.class.getResource("/ai/onnxruntime/OrtEnvironment.class") == null;
        if (absent || reason.contains("java.library.path")) {
            return "ONNX Runtime cannot be loaded; put com.microsoft.onnxruntime:onnxruntime on the class path, on a platform that it has a library for.";
        }
        return "ONNX Runtime cannot be loaded from the temporary directory %s (%s); give one that can be written and whose files can be executed, with room for 30 MB: -Djava.io.tmpdir=DIR."
                .formatted(System.getProperty("java.io.tmpdir"), reason.replaceFirst("[.]$", ""));
    }

    private static NetDescription describe(Path file, OrtSession session)
            throws OrtException, IOException {
        NetDescription description = NetDescription.fromMetadata(file, OnnxMetadata.read(file));
        long[] input = shape(session.getInputInfo(), INPUT);
        Task task = description.architecture().task();
        long[] output = shape(session.getOutputInfo(), task == Task.DETECT ? SCORES : OUTPUT);
        int channels = description.preprocessing().channels();
        int classes = description.classes().size();
        if (input.length != 4 || input[1] != channels) {
            throw new IOException(
                    String.format(
                            Locale.ROOT,
                            "%s says that it takes images of %d channels but its input is %s; export it again.",
                            file,
                            channels,
                            Arrays.toString(input)));
        }
        if (!description.answersIn(output)) {
            throw new IOException(
                    String.format(
                            Locale.ROOT,
                            "%s names %d classes but its output is %s; export it again.",
                            file,
                            classes,
                            Arrays.toString(output)));
        }
        return description;
    }

    private static long[] shape(Map<String, NodeInfo> values, String name) {
        NodeInfo value = values.get(name);
        return value != null && value.getInfo() instanceof TensorInfo tensor
                ? tensor.getShape()
                : new long[0];
    }

    @Override
    public NetDescription description() {
        return description;
    }

    @Override
    public List<String> notes() {
        return notes;
    }

    @Override
    public float[] logits(FloatBuffer images, Shape shape) throws IOException {
        description.requireImages(images, shape);
        if (description.architecture().task() == Task.DETECT) {
            return answers(images, shape);
        }
        return run(images, shape, OUTPUT).get(0);
    }

    /** A file that finds the objects itself takes one image at a time. */
    private float[] answers(FloatBuffer images, Shape shape) throws IOException {
        description.requireSize(shape);
        int count = Math.toIntExact(shape.get(0));
        int size = Math.toIntExact(shape.size() / count);
        int at = one ? 1 : count;
        float[] answers = null;
        for (int i = 0; i < count; i += at) {
            FloatBuffer part = images.slice().position(i * size).limit((i + at) * size);
            List<float[]> results = run(part, new Shape(at).addAll(shape.slice(1)), BOXES, SCORES);
            int rows = results.get(0).length / 4;
            int logits = results.get(1).length / rows;
            if (answers == null) {
                answers = new float[rows / at * count * (4 + logits)];
            }
            for (int row = 0; row < rows; row++) {
                int to = (i * rows / at + row) * (4 + logits);
                System.arraycopy(results.get(0), row * 4, answers, to, 4);
                System.arraycopy(results.get(1), row * logits, answers, to + 4, logits);
            }
        }
        return answers;
    }

    private List<float[]> run(FloatBuffer images, Shape shape, String... outputs)
            throws IOException {
        try (OnnxTensor input =
                        OnnxTensor.createTensor(environment, images.slice(), shape.getShape());
                OrtSession.Result result =
                        session.run(Map.of(INPUT, input), new LinkedHashSet<>(List.of(outputs)))) {
            List<float[]> values = new ArrayList<>();
            for (String output : outputs) {
                FloatBuffer buffer =
                        ((OnnxTensor) result.get(output).orElseThrow()).getFloatBuffer();
                float[] copy = new float[buffer.remaining()];
                buffer.get(copy);
                values.add(copy);
            }
            return values;
        } catch (OrtException e) {
            throw new IOException("ONNX Runtime failed: " + e.getMessage(), e);
        }
    }

    @Override
    public void close() {
        close(session);
    }

    private static void close(OrtSession session) {
        try {
            if (session != null) {
                session.close();
            }
        } catch (OrtException e) {
            throw new IllegalStateException("ONNX Runtime cannot close: " + e.getMessage(), e);
        }
    }
}
