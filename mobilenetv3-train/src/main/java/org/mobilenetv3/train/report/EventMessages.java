package org.mobilenetv3.train.report;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.util.Map;
import org.mobilenetv3.drawing.Png;
import org.mobilenetv3.format.onnx.ProtoMessage;

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

    static byte[] version(double seconds) {
        return event(seconds, 0).string(FILE_VERSION, VERSION).toByteArray();
    }

    static byte[] sessionStart(double seconds, long step) {
        ProtoMessage log = new ProtoMessage().integer(SESSION_STATUS, SESSION_START);
        return event(seconds, step).message(SESSION_LOG, log).toByteArray();
    }

    static byte[] scalars(double seconds, long step, Map<String, Double> values) {
        ProtoMessage summary = new ProtoMessage();
        values.forEach(
                (tag, value) ->
                        summary.message(VALUE, value(tag).real(VALUE_SIMPLE, value.floatValue())));
        return event(seconds, step).message(SUMMARY, summary).toByteArray();
    }

    static byte[] text(double seconds, long step, String tag, String markdown) {
        ProtoMessage plugin = new ProtoMessage().string(PLUGIN_NAME, "text");
        ProtoMessage one = new ProtoMessage().integer(DIM_SIZE, 1);
        ProtoMessage tensor =
                new ProtoMessage()
                        .integer(TENSOR_DTYPE, DT_STRING)
                        .message(TENSOR_SHAPE, new ProtoMessage().message(SHAPE_DIM, one))
                        .string(TENSOR_STRINGS, markdown);
        return summary(
                seconds,
                step,
                // TensorBoard's text plugin looks for names that end so.
                value(tag + "/text_summary")
                        .message(VALUE_TENSOR, tensor)
                        .message(
                                VALUE_METADATA,
                                new ProtoMessage().message(METADATA_PLUGIN, plugin)));
    }

    static byte[] image(double seconds, long step, String tag, BufferedImage picture)
            throws IOException {
        ProtoMessage image =
                new ProtoMessage()
                        .integer(IMAGE_HEIGHT, picture.getHeight())
                        .integer(IMAGE_WIDTH, picture.getWidth())
                        .integer(IMAGE_COLORSPACE, RGB)
                        .bytes(IMAGE_BYTES, Png.of(picture));
        return summary(seconds, step, value(tag).message(VALUE_IMAGE, image));
    }

    private static byte[] summary(double seconds, long step, ProtoMessage value) {
        ProtoMessage summary = new ProtoMessage().message(VALUE, value);
        return event(seconds, step).message(SUMMARY, summary).toByteArray();
    }

    private static ProtoMessage value(String tag) {
        return new ProtoMessage().string(VALUE_TAG, tag);
    }

    private static ProtoMessage event(double seconds, long step) {
        return new ProtoMessage().real(WALL_TIME, seconds).integer(STEP, step);
    }
}
