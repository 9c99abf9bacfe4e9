/** Images divided into classes pixel by pixel: masks, and LR-ASPP's layers. */
package org.mobilenetv3.segmentation;
