package org.mobilenetv3.torchscript;

import ai.djl.ndarray.types.Shape;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Writes a module as PyTorch's pickle (protocol 2); tensors go apart, by number. Source:
 * torch/csrc/jit/serialization/pickler.cpp.
 */
final class Pickle {

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final List<Member.Tensor> tensors = new ArrayList<>();

    Pickle(Member.Module root) {
        out.write(0x80);
        out.write(2);
        write(root);
        out.write('.');
    }

    byte[] bytes() {
        return out.toByteArray();
    }

    /** The tensors by the number under which the pickle refers to them. */
    List<Member.Tensor> tensors() {
        return tensors;
    }

    private void write(Member member) {
        switch (kind(member)) {
            case 0 -> module((Member.Module) member);
            case 1 -> tensor((Member.Tensor) member);
            case 2 -> out.write(((Member.Flag) member).value() ? 0x88 : 0x89);
            default -> out.write(']');
        }
    }

    private static int kind(Member member) {
        return member instanceof Member.Module
                ? 0
                : member instanceof Member.Tensor ? 1 : member instanceof Member.Flag ? 2 : 3;
    }

    private void module(Member.Module module) {
        global("__torch__", module.className());
        out.write(')'); // no arguments
        out.write(0x81); // new object
        out.write('}');
        out.write('(');
        for (Map.Entry<String, Member> entry : module.members().entrySet()) {
            text(entry.getKey());
            write(entry.getValue());
        }
        out.write('u'); // set items
        out.write('b'); // build
    }

    private void tensor(Member.Tensor tensor) {
        global("torch._utils", "_rebuild_tensor_v2");
        out.write('(');
        out.write('(');
        text("storage");
        global("torch", "FloatStorage");
        text(Integer.toString(tensors.size()));
        text("cpu");
        integer(tensor.shape().size());
        out.write('t');
        out.write('Q'); // persistent id
        integer(0);
        tuple(tensor.shape().getShape());
        tuple(strides(tensor.shape()));
        out.write(tensor.trainable() ? 0x88 : 0x89);
        global("collections", "OrderedDict");
        out.write(')');
        out.write('R');
        out.write('t');
        out.write('R'); // call
        tensors.add(tensor);
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

    private void tuple(long... values) {
        out.write('(');
        for (long value : values) {
            integer(value);
        }
        out.write('t');
    }

    private void integer(long value) {
        out.write('J');
        out.writeBytes(
                ByteBuffer.allocate(4)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .putInt(Math.toIntExact(value))
                        .array());
    }

    private void text(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        out.write('X');
        out.writeBytes(
                ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(bytes.length).array());
        out.writeBytes(bytes);
    }

    private void global(String module, String name) {
        out.writeBytes(("c" + module + "\n" + name + "\n").getBytes(StandardCharsets.UTF_8));
    }
}
