package org.mobilenetv3.export;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;

/** A protocol buffer in the making; fields are written in the order of the calls. */
final class ProtoMessage {

    private final ByteString.Output bytes = ByteString.newOutput();
    private final CodedOutputStream out = CodedOutputStream.newInstance(bytes);

    /** What writes one field. */
    @FunctionalInterface
    private interface Field {
        void write(CodedOutputStream out) throws IOException;
    }

    ProtoMessage integer(int number, long value) {
        return add(o -> o.writeInt64(number, value));
    }

    /** A repeated integer, one field for each as in proto2. */
    ProtoMessage integers(int number, long... values) {
        for (long value : values) {
            integer(number, value);
        }
        return this;
    }

    ProtoMessage real(int number, float value) {
        return add(o -> o.writeFloat(number, value));
    }

    ProtoMessage string(int number, String value) {
        return add(o -> o.writeString(number, value));
    }

    ProtoMessage bytes(int number, byte[] value) {
        return add(o -> o.writeByteArray(number, value));
    }

    ProtoMessage message(int number, ProtoMessage value) {
        return add(o -> o.writeBytes(number, value.toByteString()));
    }

    ByteString toByteString() {
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
