/** How images become a net's input: resizing, cropping, padding, normalizing. */
package org.mobilenetv3.preprocessing;
