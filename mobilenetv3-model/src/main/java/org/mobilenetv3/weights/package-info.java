/**
 * Files of named tensors, read and written without PyTorch and without running what is in them:
 * safetensors and the checkpoints of {@code torch.save}. Nothing here knows a net.
 */
package org.mobilenetv3.weights;
