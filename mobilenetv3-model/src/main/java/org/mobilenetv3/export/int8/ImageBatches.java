package org.mobilenetv3.export.int8;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.List;
import org.mobilenetv3.export.int8.CalibrationImages.Image;
import org.mobilenetv3.image.Pixels;
import org.mobilenetv3.preprocessing.Preprocessing;
import org.mobilenetv3.trained.NetDescription;

/** Decodes image files a few at a time, as a net takes them. */
final class ImageBatches {

    private ImageBatches() {}

    /**
     * Images of a net's size.
     *
     * @param images where they come from
     * @param input {@code (N, C, H, W)}, direct
     * @param shape of the input
     */
    @SuppressWarnings("ArrayRecordComponent") // what ONNX Runtime asks for
    record Batch(List<Image> images, FloatBuffer input, long... shape) {}

    /** Looks at a batch. */
    @FunctionalInterface
    interface Viewer {
        void see(Batch batch) throws IOException;
    }

    /**
     * Shows images.
     *
     * @param images the files
     * @param description how they become a net's input
     * @param size of a batch, the last may be smaller
     * @param viewer sees one after the other; the memory is used again
     * @throws IOException if a file is no image
     */
    static void forEach(List<Image> images, NetDescription description, int size, Viewer viewer)
            throws IOException {
        Preprocessing input = description.preprocessing();
        int each = input.channels() * input.height() * input.width();
        FloatBuffer memory =
                ByteBuffer.allocateDirect(Math.multiplyExact(size * Float.BYTES, each))
                        .order(ByteOrder.nativeOrder())
                        .asFloatBuffer();
        for (int from = 0; from < images.size(); from += size) {
            List<Image> some = images.subList(from, Math.min(images.size(), from + size));
            memory.clear();
            for (Image image : some) {
                memory.put(description.input(Pixels.read(image.file())));
            }
            viewer.see(
                    new Batch(
                            some,
                            memory.flip().slice(),
                            some.size(),
                            input.channels(),
                            input.height(),
                            input.width()));
        }
    }
}
