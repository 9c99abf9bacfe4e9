/** What was found in an image, drawn on it: boxes with labels, tinted masks, mask files. */
package org.mobilenetv3.drawing;
