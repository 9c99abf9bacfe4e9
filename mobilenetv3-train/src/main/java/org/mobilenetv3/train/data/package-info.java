/**
 * Labeled images and batches of them: {@link org.mobilenetv3.train.data.ImageSet} holds 8-bit
 * images, {@link org.mobilenetv3.train.data.BatchLoader} makes augmented float batches of one.
 */
package org.mobilenetv3.train.data;
