/** A run on disk and in numbers: directory, settings, checkpoints, metrics, predictions, result. */
package org.mobilenetv3.train.run;
