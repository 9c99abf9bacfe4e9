/** Nets in 8-bit integers: calibrated with images, written as ONNX, compared with the float net. */
package org.mobilenetv3.export.int8;
