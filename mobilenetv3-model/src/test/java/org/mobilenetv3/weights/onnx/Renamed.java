package org.mobilenetv3.weights.onnx;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.WireFormat;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Other files made of a valid one. */
final class Renamed {

    private Renamed() {}

    /** Renames operations (NodeProto.op_type) and attributes (AttributeProto.name). */
    static byte[] everywhere(byte[] model, String from, String to) throws IOException {
        return message(ByteString.copyFrom(model), "m", from, to).toByteArray();
    }

    /**
     * Changes the data type of the graph's input (ValueInfoProto "input", TensorProto's number).
     */
    static byte[] inputType(byte[] model, int type) {
        byte[] changed = model.clone();
        String text = new String(model, StandardCharsets.ISO_8859_1);
        Matcher input =
                Pattern.compile("\\x0a\\x05input\\x12.\\x0a.\\x08", Pattern.DOTALL).matcher(text);
        if (!input.find() || changed[input.end()] != 1) {
            throw new IllegalArgumentException("There is no input of floats.");
        }
        changed[input.end()] = (byte) type;
        return changed;
    }

    private static ByteString message(ByteString bytes, String path, String from, String to)
            throws IOException {
        ByteString.Output made = ByteString.newOutput();
        CodedOutputStream out = CodedOutputStream.newInstance(made);
        CodedInputStream in = bytes.newCodedInput();
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            int number = WireFormat.getTagFieldNumber(tag);
            String inner = path + "." + number;
            if (WireFormat.getTagWireType(tag) != WireFormat.WIRETYPE_LENGTH_DELIMITED) {
                out.writeUInt32NoTag(tag);
                copyNumber(in, out, tag);
                continue;
            }
            ByteString value = in.readBytes();
            if (inner.equals("m.7") || inner.equals("m.7.1") || inner.equals("m.7.1.5")) {
                value = message(value, inner, from, to);
            } else if ((inner.equals("m.7.1.4") || inner.equals("m.7.1.5.1"))
                    && value.toStringUtf8().equals(from)) {
                value = ByteString.copyFromUtf8(to);
            }
            out.writeBytes(number, value);
        }
        out.flush();
        return made.toByteString();
    }

    private static void copyNumber(CodedInputStream in, CodedOutputStream out, int tag)
            throws IOException {
        switch (WireFormat.getTagWireType(tag)) {
            case WireFormat.WIRETYPE_VARINT -> out.writeUInt64NoTag(in.readUInt64());
            case WireFormat.WIRETYPE_FIXED32 -> out.writeFixed32NoTag(in.readFixed32());
            default -> out.writeFixed64NoTag(in.readFixed64());
        }
    }
}
