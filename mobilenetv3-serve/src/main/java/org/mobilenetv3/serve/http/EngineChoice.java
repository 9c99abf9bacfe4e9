package org.mobilenetv3.serve.http;

/** What computes. */
public enum EngineChoice {
    /** ONNX Runtime, the faster one; libtorch for TorchScript files. */
    AUTO,
    /** ONNX Runtime. */
    ONNX,
    /** libtorch. */
    TORCH
}
