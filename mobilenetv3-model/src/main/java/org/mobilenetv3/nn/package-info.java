/**
 * The blocks of MobileNetV3 as DJL blocks. Tensors are {@code (N, C, H, W)} float32; parameters
 * carry PyTorch's state-dict names.
 */
package org.mobilenetv3.nn;
