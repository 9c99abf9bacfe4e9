package org.mobilenetv3.format.onnx;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import java.io.IOException;
import java.util.stream.LongStream;

/** The fields of one protocol buffer in turn; what is not asked for is skipped, without copies. */
final class ProtoReader {

    private final CodedInputStream in;
    private int tag;
    private boolean taken = true;

    ProtoReader(ByteString message) {
        in = message.newCodedInput();
        in.enableAliasing(true);
    }

    /** Goes to the next field. */
    boolean next() throws IOException {
        if (!taken) {
            in.skipField(tag);
        }
        tag = in.readTag();
        taken = false;
        int type = WireFormat.getTagWireType(tag);
        // Groups nest without bound and do not occur in ONNX.
        if (type == WireFormat.WIRETYPE_START_GROUP || type == WireFormat.WIRETYPE_END_GROUP) {
            throw damaged();
        }
        return tag != 0;
    }

    int number() {
        return WireFormat.getTagFieldNumber(tag);
    }

    /** Whether a repeated number comes as one field of many. */
    private boolean packed() {
        return WireFormat.getTagWireType(tag) == WireFormat.WIRETYPE_LENGTH_DELIMITED;
    }

    ByteString bytes() throws IOException {
        take(WireFormat.WIRETYPE_LENGTH_DELIMITED);
        return in.readBytes();
    }

    String string() throws IOException {
        return bytes().toStringUtf8();
    }

    long integer() throws IOException {
        take(WireFormat.WIRETYPE_VARINT);
        return in.readInt64();
    }

    /** Floats or doubles, one number or many, as their bytes. */
    ByteString fixed(int size) throws IOException {
        if (packed()) {
            return bytes();
        }
        take(size == Float.BYTES ? WireFormat.WIRETYPE_FIXED32 : WireFormat.WIRETYPE_FIXED64);
        return ByteString.copyFrom(in.readRawBytes(size));
    }

    float real() throws IOException {
        take(WireFormat.WIRETYPE_FIXED32);
        return in.readFloat();
    }

    /** Adds one number or many to a list. */
    void integers(LongStream.Builder list) throws IOException {
        if (!packed()) {
            list.add(integer());
            return;
        }
        CodedInputStream many = bytes().newCodedInput();
        while (!many.isAtEnd()) {
            list.add(many.readInt64());
        }
    }

    /** The last message of that number in a message; empty if there is none. */
    static ByteString message(ByteString message, int number) throws IOException {
        ByteString found = ByteString.EMPTY;
        for (ProtoReader field = new ProtoReader(message); field.next(); ) {
            found = field.number() == number ? field.bytes() : found;
        }
        return found;
    }

    /** The last integer of that number in a message. */
    static long integer(ByteString message, int number, long otherwise) throws IOException {
        long found = otherwise;
        for (ProtoReader field = new ProtoReader(message); field.next(); ) {
            found = field.number() == number ? field.integer() : found;
        }
        return found;
    }

    private void take(int type) throws IOException {
        if (WireFormat.getTagWireType(tag) != type) {
            throw damaged();
        }
        taken = true;
    }

    private static IOException damaged() {
        return new IOException("it is damaged or no ONNX file");
    }
}
