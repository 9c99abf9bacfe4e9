/** The pixels of an object, as COCO writes them: polygons and run lengths. */
package org.mobilenetv3.train.data.annotation.outline;
