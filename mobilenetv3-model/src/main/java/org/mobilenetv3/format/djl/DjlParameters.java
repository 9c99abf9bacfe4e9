package org.mobilenetv3.format.djl;

import ai.djl.MalformedModelException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.util.Pair;
import ai.djl.util.PairList;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.mobilenetv3.djl.AbstractManager;
import org.mobilenetv3.format.ElementType;
import org.mobilenetv3.format.FileBytes;
import org.mobilenetv3.format.Tensor;
import org.mobilenetv3.format.TensorFile;

/**
 * Reads and writes DJL's file of parameters without an engine. The file names no parameters but
 * their last parts: each block reads its own ({@link Block#loadParameters}), in order, which also
 * finds files of another net. It reads them from a manager that notes where the numbers lie and
 * makes arrays that have a shape only.
 */
public final class DjlParameters {

    private static final String MAGIC = "DJL@";
    private static final String ARRAY_MAGIC = "NDAR";
    private static final int NEWEST = 1;
    private static final int NEWEST_ARRAY = 3;
    private static final int LITTLE_ENDIAN = '<';
    private static final int MOST_DIMENSIONS = 8;

    private final FileBytes bytes;
    private final Cursor cursor;
    private final DataInputStream in;

    private DjlParameters(FileBytes bytes) throws IOException {
        this.bytes = bytes;
        cursor = new Cursor(bytes);
        in = new DataInputStream(cursor);
    }

    /**
     * Reads what a file says of the parameters, whose numbers stay in it until they are asked for.
     *
     * @param file a {@code .params} file
     * @param net the net that it is of, not initialized; afterwards it has these numbers as long as
     *     the file is open, to be traced and written, not computed
     * @return its tensors by the names of {@link Block#getParameters()}
     * @throws IOException if it is damaged or of another form; the message says so of "it"
     * @throws MalformedModelException if it is of another net
     */
    public static TensorFile read(Path file, Block net)
            throws IOException, MalformedModelException {
        FileBytes bytes = new FileBytes(file);
        try {
            DjlParameters parameters = new DjlParameters(bytes);
            parameters.header();
            net.loadParameters(parameters.manager(), parameters.in);
            Map<String, Tensor> tensors = new LinkedHashMap<>();
            for (Pair<String, Parameter> entry : net.getParameters()) {
                tensors.put(entry.getKey(), stored(entry.getValue()));
            }
            return new TensorFile(tensors, Map.of(), bytes);
        } catch (EOFException e) {
            bytes.close();
            throw new IOException("The parameter file ends too early.", e);
        } catch (IOException | MalformedModelException e) {
            bytes.close();
            throw e;
        } catch (RuntimeException
                | OutOfMemoryError e) { // DJL believes lengths; none is large here
            bytes.close();
            throw new IOException("The parameter file is damaged.", e);
        }
    }

    /**
     * Gives a net the numbers of a file of another form.
     *
     * @param net not initialized; afterwards it can be traced and written, not computed
     * @param input shape of its input
     * @param tensors by the names of {@link Block#getParameters()}
     */
    public static void fill(Block net, Shape input, Map<String, Tensor> tensors) {
        for (Pair<String, Parameter> entry : net.getParameters()) {
            Tensor tensor = tensors.get(entry.getKey());
            entry.getValue()
                    .setInitializer((manager, shape, type) -> StoredArray.of(shape, tensor));
        }
        net.initialize(null, DataType.FLOAT32, input);
    }

    /**
     * Writes a file of parameters as DJL's {@code Model.save} does.
     *
     * @param file to make
     * @param name the model's
     * @param net initialized
     * @throws IOException if it cannot be written
     */
    public static void write(Path file, String name, Block net) throws IOException {
        try (DataOutputStream out =
                new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(file)))) {
            out.writeBytes(MAGIC);
            out.writeInt(NEWEST);
            out.writeUTF(name);
            out.writeUTF(DataType.FLOAT32.name());
            PairList<String, Shape> inputs = net.describeInput();
            out.writeInt(inputs.size());
            for (Pair<String, Shape> input : inputs) {
                out.writeUTF(input.getKey() == null ? "" : input.getKey());
                out.write(input.getValue().getEncoded());
            }
            out.writeInt(0); // properties
            net.saveParameters(out);
        }
    }

    private static Tensor stored(Parameter parameter) throws IOException {
        return StoredArray.tensor(parameter.getArray())
                .orElseThrow(
                        () ->
                                new IOException(
                                        "The parameter file has no numbers of %s."
                                                .formatted(parameter.getName())));
    }

    /** What DJL's {@code BaseModel.save} writes before the parameters. */
    private void header() throws IOException {
        byte[] magic = in.readNBytes(MAGIC.length());
        if (!MAGIC.equals(new String(magic, StandardCharsets.US_ASCII))) {
            throw new IOException("The parameter file was not written by DJL.");
        }
        requireVersion("model", in.readInt(), NEWEST);
        in.readUTF(); // the model's name
        in.readUTF(); // the type of its numbers, which each array tells, too
        for (int inputs = in.readInt(); inputs > 0; inputs--) {
            in.readUTF();
            Shape.decode(in);
        }
        for (int properties = in.readInt(); properties > 0; properties--) {
            in.readUTF();
            in.readUTF();
        }
    }

    private static void requireVersion(String of, int version, int newest) throws IOException {
        if (version < 1 || version > newest) {
            throw new IOException(
                    String.format(
                            Locale.ROOT,
                            "The parameter file has %s version %d, expected 1 to %d.",
                            of,
                            version,
                            newest));
        }
    }

    /** As DJL's {@code NDSerializer} reads an array, but for its numbers. */
    private NDArray array() throws IOException {
        if (!ARRAY_MAGIC.equals(in.readUTF())) {
            throw new IOException("The parameter file is damaged.");
        }
        int version = in.readInt();
        requireVersion("array", version, NEWEST_ARRAY);
        String name = version > 1 && in.readByte() == 1 ? in.readUTF() : null;
        in.readUTF(); // dense, as all arrays of PyTorch's engine that can be written
        String type = in.readUTF();
        if (!DataType.FLOAT32.name().equals(type)) {
            throw new IOException(
                    "The parameter file holds numbers of type %s, expected FLOAT32."
                            .formatted(type));
        }
        Shape shape = Shape.decode(in);
        if (version > 2 && in.readByte() != LITTLE_ENDIAN) {
            throw new IOException("The parameter file was written on a big-endian host.");
        }
        long length = in.readInt();
        long from = cursor.position();
        if (shape.dimension() > MOST_DIMENSIONS
                || length != Math.multiplyExact(shape.size(), (long) Float.BYTES)) {
            throw new IOException(
                    String.format(
                            Locale.ROOT,
                            "The parameter file has %d bytes of an array of shape %s.",
                            length,
                            shape));
        }
        if (length > bytes.size() - from) {
            throw new EOFException();
        }
        cursor.move(from + length);
        Tensor tensor = Tensor.of(shape, ElementType.F32, () -> bytes.open(from, length));
        NDArray array = StoredArray.of(tensor);
        array.setName(name);
        return array;
    }

    private NDManager manager() {
        return new AbstractManager() {
            @Override
            public NDArray decode(InputStream ignored) throws IOException {
                return array();
            }

            @Override
            public void close() {}

            @Override
            protected RuntimeException refuse(String method) {
                return new IllegalStateException("no engine for NDManager." + method);
            }
        };
    }
}
