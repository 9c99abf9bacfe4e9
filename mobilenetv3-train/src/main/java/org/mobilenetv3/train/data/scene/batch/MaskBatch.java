package org.mobilenetv3.train.data.scene.batch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.ByteBuffer;
import java.util.List;
import org.mobilenetv3.segmentation.Mask;
import org.mobilenetv3.train.data.ImageBatch;

/** Images with the class of each pixel. */
public final class MaskBatch extends ImageBatch {
    private final ByteBuffer masks;
    private final long learned;

    /**
     * Takes over the images.
     *
     * @param memory that holds them
     * @param shape {@code (N, C, H, W)}
     * @param masks one for each image, of its size
     * @param indices where each image is in its set
     */
    public MaskBatch(Memory memory, Shape shape, List<Mask> masks, int... indices) {
        super(memory, shape, indices);
        int pixels = Math.toIntExact(shape.get(2) * shape.get(3));
        this.masks = ByteBuffer.allocateDirect(masks.size() * pixels);
        long count = 0;
        for (Mask mask : masks) {
            this.masks.put(mask.classes());
            for (byte value : mask.classes()) {
                count += (value & 0xff) == Mask.IGNORED ? 0 : 1;
            }
        }
        learned = count;
    }

    /** How many pixels of the whole batch have a class. */
    public long learned() {
        return learned;
    }

    /**
     * The classes of some images' pixels as a tensor {@code (to - from, H, W)} of bytes, {@link
     * Mask#IGNORED} where there is none. On the CPU it wraps this batch's memory.
     */
    public NDArray masks(NDManager manager, int from, int to) {
        Shape part = new Shape(to - from, shape().get(2), shape().get(3));
        int pixels = Math.toIntExact(part.size() / part.get(0));
        return manager.create(
                masks.slice(from * pixels, (to - from) * pixels), part, DataType.UINT8);
    }
}
