/** Images with what is in them and where: boxes and masks, to learn detection and segmentation. */
package org.mobilenetv3.train.data.scene;
