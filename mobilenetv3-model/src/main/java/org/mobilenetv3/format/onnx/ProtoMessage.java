package org.mobilenetv3.format.onnx;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;

/** A protocol buffer in the making; fields are written in the order of the calls. */
public final class ProtoMessage {

    private final ByteString.Output bytes = ByteString.newOutput();
    private final CodedOutputStream out = CodedOutputStream.newInstance(bytes);

    /** What writes one field. */
    @FunctionalInterface
    private interface Field {
        void write(CodedOutputStream out) throws IOException;
    }

    /** Begins a message. */
    public ProtoMessage() {}

    /** Writes an integer or a constant of an enumeration. */
    public ProtoMessage integer(int number, long value) {
        return add(o -> o.writeInt64(number, value));
    }

    /** A repeated integer, one field for each as in proto2. */
    ProtoMessage integers(int number, long... values) {
        for (long value : values) {
            integer(number, value);
        }
        return this;
    }

    /** Writes a 32-bit float. */
    public ProtoMessage real(int number, float value) {
        return add(o -> o.writeFloat(number, value));
    }

    /** Writes a 64-bit float. */
    public ProtoMessage real(int number, double value) {
        return add(o -> o.writeDouble(number, value));
    }

    /** Writes a string. */
    public ProtoMessage string(int number, String value) {
        return add(o -> o.writeString(number, value));
    }

    /** Writes bytes. */
    public ProtoMessage bytes(int number, byte[] value) {
        return add(o -> o.writeByteArray(number, value));
    }

    ProtoMessage bytes(int number, ByteString value) {
        return add(o -> o.writeBytes(number, value));
    }

    /** Writes another message, which must be complete, as a field of this one. */
    public ProtoMessage message(int number, ProtoMessage value) {
        return bytes(number, value.toByteString());
    }

    /** Ends the message and returns all of it. */
    public byte[] toByteArray() {
        return toByteString().toByteArray();
    }

    private ByteString toByteString() {
        add(CodedOutputStream::flush);
        return bytes.toByteString();
    }

    private ProtoMessage add(Field field) {
        try {
            field.write(out);
        } catch (IOException e) {
            throw new UncheckedIOException(e); // memory does not fail
        }
        return this;
    }
}
