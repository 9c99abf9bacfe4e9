/**
 * Images with boxes or masks as other programs write them: COCO, Pascal VOC, YOLO, and folders of
 * masks. {@link org.mobilenetv3.train.data.annotation.AnnotatedFolder} opens one of any kind and
 * tells of all that it leaves out.
 */
package org.mobilenetv3.train.data.annotation;
