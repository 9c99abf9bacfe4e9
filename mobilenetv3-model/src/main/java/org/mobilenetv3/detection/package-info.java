/** Objects found in images: boxes, the net's anchors, what its outputs mean, SSDLite's layers. */
package org.mobilenetv3.detection;
