package org.mobilenetv3.train.report;

import com.google.protobuf.CodedOutputStream;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** {@code tensorflow.Event} messages as bytes; the numbers are those of TensorBoard's protos. */
final class EventMessages {

    /** From this version on TensorBoard heeds session starts. */
    private static final String VERSION = "brain.Event:2";

    // event.proto: Event and SessionLog.
    private static final int WALL_TIME = 1;
    private static final int STEP = 2;
    private static final int FILE_VERSION = 3;
    private static final int SUMMARY = 5;
    private static final int SESSION_LOG = 7;
    private static final int SESSION_STATUS = 1;
    private static final int SESSION_START = 1;

    // summary.proto: Summary, Summary.Value, Summary.Image and SummaryMetadata.
    private static final int VALUE = 1;
    private static final int VALUE_TAG = 1;
    private static final int VALUE_SIMPLE = 2;
    private static final int VALUE_IMAGE = 4;
    private static final int VALUE_TENSOR = 8;
    private static final int VALUE_METADATA = 9;
    private static final int IMAGE_HEIGHT = 1;
    private static final int IMAGE_WIDTH = 2;
    private static final int IMAGE_COLORSPACE = 3;
    private static final int IMAGE_BYTES = 4;
    private static final int RGB = 3;
    private static final int METADATA_PLUGIN = 1;
    private static final int PLUGIN_NAME = 1;

    // tensor.proto and types.proto.
    private static final int TENSOR_DTYPE = 1;
    private static final int TENSOR_SHAPE = 2;
    private static final int TENSOR_STRINGS = 8;
    private static final int DT_STRING = 7;
    private static final int SHAPE_DIM = 2;
    private static final int DIM_SIZE = 1;

    private EventMessages() {}

    /** What writes the fields of one message. */
    @FunctionalInterface
    private interface Fields {
        void write(CodedOutputStream out) throws IOException;
    }

    static byte[] version(double seconds) {
        return event(seconds, 0, out -> out.writeString(FILE_VERSION, VERSION));
    }

    static byte[] sessionStart(double seconds, long step) {
        byte[] log = message(out -> out.writeEnum(SESSION_STATUS, SESSION_START));
        return event(seconds, step, out -> out.writeByteArray(SESSION_LOG, log));
    }

    static byte[] scalars(double seconds, long step, Map<String, Double> values) {
        byte[] summary =
                message(
                        out -> {
                            for (Map.Entry<String, Double> entry : values.entrySet()) {
                                float value = entry.getValue().floatValue();
                                out.writeByteArray(
                                        VALUE,
                                        value(
                                                entry.getKey(),
                                                o -> o.writeFloat(VALUE_SIMPLE, value)));
                            }
                        });
        return event(seconds, step, out -> out.writeByteArray(SUMMARY, summary));
    }

    static byte[] text(double seconds, long step, String tag, String markdown) {
        byte[] plugin = message(out -> out.writeString(PLUGIN_NAME, "text"));
        byte[] metadata = message(out -> out.writeByteArray(METADATA_PLUGIN, plugin));
        byte[] one = message(out -> out.writeInt64(DIM_SIZE, 1));
        byte[] shape = message(out -> out.writeByteArray(SHAPE_DIM, one));
        byte[] tensor =
                message(
                        out -> {
                            out.writeEnum(TENSOR_DTYPE, DT_STRING);
                            out.writeByteArray(TENSOR_SHAPE, shape);
                            out.writeByteArray(
                                    TENSOR_STRINGS, markdown.getBytes(StandardCharsets.UTF_8));
                        });
        return summary(
                seconds,
                step,
                // TensorBoard's text plugin looks for names that end so.
                value(
                        tag + "/text_summary",
                        out -> {
                            out.writeByteArray(VALUE_TENSOR, tensor);
                            out.writeByteArray(VALUE_METADATA, metadata);
                        }));
    }

    static byte[] image(double seconds, long step, String tag, BufferedImage picture)
            throws IOException {
        byte[] png = Png.of(picture);
        byte[] image =
                message(
                        out -> {
                            out.writeInt32(IMAGE_HEIGHT, picture.getHeight());
                            out.writeInt32(IMAGE_WIDTH, picture.getWidth());
                            out.writeInt32(IMAGE_COLORSPACE, RGB);
                            out.writeByteArray(IMAGE_BYTES, png);
                        });
        return summary(seconds, step, value(tag, out -> out.writeByteArray(VALUE_IMAGE, image)));
    }

    private static byte[] summary(double seconds, long step, byte[] value) {
        byte[] summary = message(out -> out.writeByteArray(VALUE, value));
        return event(seconds, step, out -> out.writeByteArray(SUMMARY, summary));
    }

    private static byte[] value(String tag, Fields content) {
        return message(
                out -> {
                    out.writeString(VALUE_TAG, tag);
                    content.write(out);
                });
    }

    private static byte[] event(double seconds, long step, Fields what) {
        return message(
                out -> {
                    out.writeDouble(WALL_TIME, seconds);
                    out.writeInt64(STEP, step);
                    what.write(out);
                });
    }

    private static byte[] message(Fields fields) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        CodedOutputStream out = CodedOutputStream.newInstance(bytes);
        try {
            fields.write(out);
            out.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e); // memory does not fail
        }
        return bytes.toByteArray();
    }
}
