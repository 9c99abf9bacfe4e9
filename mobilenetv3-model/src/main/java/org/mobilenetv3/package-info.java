/** MobileNetV3: the entry point, its builder and the tables of the two variants. */
package org.mobilenetv3;
