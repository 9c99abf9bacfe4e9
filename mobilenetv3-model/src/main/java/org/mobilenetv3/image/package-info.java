/**
 * Pixels before they become a tensor: decoding, resizing as Pillow or OpenCV does, torchvision's
 * center crop, normalization. Plain Java; training and prediction both go through here, so they see
 * the same numbers.
 */
package org.mobilenetv3.image;
