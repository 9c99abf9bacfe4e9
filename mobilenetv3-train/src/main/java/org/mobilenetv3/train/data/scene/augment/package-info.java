/**
 * What is done at random to training scenes, and how scenes become a net's input: boxes and masks
 * move with the pixels.
 */
package org.mobilenetv3.train.data.scene.augment;
