package org.mobilenetv3.format.pickle;

import ai.djl.ndarray.types.Shape;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * Writes the parts of a pickle of protocol 2 as PyTorch does; tensors go apart, by number. Source:
 * torch/csrc/jit/serialization/pickler.cpp.
 */
public final class PickleWriter {

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    /** Begins a pickle. */
    public PickleWriter() {
        op(PickleOp.PROTO);
        out.write(2);
    }

    /**
     * Ends the pickle.
     *
     * @return all of it
     */
    public byte[] finish() {
        op(PickleOp.STOP);
        return out.toByteArray();
    }

    /**
     * Writes an operation that has no argument.
     *
     * @param op the operation
     * @return this
     */
    public PickleWriter op(PickleOp op) {
        out.write(op.code());
        return this;
    }

    /**
     * Writes a truth value.
     *
     * @param value the value
     * @return this
     */
    public PickleWriter flag(boolean value) {
        return op(value ? PickleOp.NEWTRUE : PickleOp.NEWFALSE);
    }

    /**
     * Writes a whole number.
     *
     * @param value the number
     * @return this
     */
    public PickleWriter integer(long value) {
        if (value == (int) value) {
            op(PickleOp.BININT);
            out.writeBytes(little(4).putInt((int) value).array());
        } else {
            op(PickleOp.LONG1);
            out.write(Long.BYTES);
            out.writeBytes(little(Long.BYTES).putLong(value).array());
        }
        return this;
    }

    /**
     * Writes a string.
     *
     * @param text the string
     * @return this
     */
    public PickleWriter text(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        op(PickleOp.BINUNICODE);
        out.writeBytes(little(4).putInt(bytes.length).array());
        out.writeBytes(bytes);
        return this;
    }

    /**
     * Writes a class or function by name.
     *
     * @param module where Python finds it
     * @param name its name there
     * @return this
     */
    public PickleWriter global(String module, String name) {
        op(PickleOp.GLOBAL);
        out.writeBytes((module + "\n" + name + "\n").getBytes(StandardCharsets.UTF_8));
        return this;
    }

    /** Writes a new, empty {@code OrderedDict}. */
    public void orderedDict() {
        global("collections", "OrderedDict").op(PickleOp.EMPTY_TUPLE).op(PickleOp.REDUCE);
    }

    /**
     * Writes a tensor in C order that fills a storage of its own.
     *
     * @param shape the tensor's
     * @param storage PyTorch's class of the storage, for instance {@code FloatStorage}
     * @param number under which the storage's bytes are found
     * @param trainable whether it requires gradients
     */
    public void tensor(Shape shape, String storage, int number, boolean trainable) {
        global("torch._utils", "_rebuild_tensor_v2").op(PickleOp.MARK).op(PickleOp.MARK);
        text("storage").global("torch", storage).text(Integer.toString(number)).text("cpu");
        integer(shape.size()).op(PickleOp.TUPLE).op(PickleOp.BINPERSID);
        integer(0);
        tuple(shape.getShape());
        tuple(strides(shape));
        flag(trainable).orderedDict();
        op(PickleOp.TUPLE).op(PickleOp.REDUCE);
    }

    private void tuple(long... values) {
        op(PickleOp.MARK);
        for (long value : values) {
            integer(value);
        }
        op(PickleOp.TUPLE);
    }

    private static long[] strides(Shape shape) {
        long[] strides = new long[shape.dimension()];
        long step = 1;
        for (int i = strides.length - 1; i >= 0; i--) {
            strides[i] = step;
            step *= shape.get(i);
        }
        return strides;
    }

    private static ByteBuffer little(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }
}
