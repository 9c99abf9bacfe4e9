/**
 * Data sets and batches: {@link org.mobilenetv3.train.data.Datasets} finds and reads a set into
 * {@link org.mobilenetv3.train.data.Splits}, {@link org.mobilenetv3.train.data.BatchLoader} makes
 * augmented float batches of one. Images stay 8-bit until a batch needs them.
 */
package org.mobilenetv3.train.data;
