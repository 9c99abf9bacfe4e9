/** How good predictions are: COCO's and VOC's average precision, mean IoU, confidence intervals. */
package org.mobilenetv3.train.metric;
