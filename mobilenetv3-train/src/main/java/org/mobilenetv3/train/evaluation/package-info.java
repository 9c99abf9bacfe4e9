/** Trained nets scored on images. */
package org.mobilenetv3.train.evaluation;
