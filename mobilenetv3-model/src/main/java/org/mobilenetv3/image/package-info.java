/**
 * Pixels before they become a tensor: decoding, Pillow's resize and torchvision's centre crop,
 * normalisation. Plain Java; training and prediction both go through here, so they see the same
 * numbers.
 */
package org.mobilenetv3.image;
