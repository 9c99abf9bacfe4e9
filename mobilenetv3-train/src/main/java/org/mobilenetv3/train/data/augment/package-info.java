/**
 * What is done at random to training images: {@link
 * org.mobilenetv3.train.data.augment.Augmentation} says what, as torchvision's transforms, bit for
 * bit.
 */
package org.mobilenetv3.train.data.augment;
