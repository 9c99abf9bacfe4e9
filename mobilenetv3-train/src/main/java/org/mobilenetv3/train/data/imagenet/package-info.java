/** ImageNet's validation images as people have them on their disks. */
package org.mobilenetv3.train.data.imagenet;
