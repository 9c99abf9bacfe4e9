/** ONNX files of MobileNetV3 by any exporter, read back as configuration and state dict. */
package org.mobilenetv3.weights.onnx;
