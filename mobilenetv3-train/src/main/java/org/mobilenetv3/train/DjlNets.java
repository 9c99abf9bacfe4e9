package org.mobilenetv3.train;

import ai.djl.basicmodelzoo.cv.classification.MobileNetV2;
import ai.djl.nn.Block;

/** Nets of DJL's model-zoo, which train here as ours do. */
public final class DjlNets {
    private DjlNets() {}

    /**
     * Returns DJL's MobileNetV2, not initialized. Unlike the published net, its first convolution
     * is 1×1, and its first stage has an expansion layer.
     *
     * @param classes number of logits
     * @param stemStride stride of the first convolution: 2 as published, 1 for small images
     * @return a block from {@code (N, C, H, W)}, of any number of channels, to {@code (N, classes)}
     */
    public static Block mobileNetV2(int classes, int stemStride) {
        int[] strides = {stemStride, 1, 2, 2, 2, 1, 2, 1, 1};
        return MobileNetV2.builder().setOutSize(classes).optStrides(strides).build();
    }
}
