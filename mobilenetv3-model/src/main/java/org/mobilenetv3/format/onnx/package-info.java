/** ONNX files, read and written: the messages of onnx.proto (github.com/onnx/onnx). */
package org.mobilenetv3.format.onnx;
