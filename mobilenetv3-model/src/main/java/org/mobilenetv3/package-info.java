/** MobileNetV3: nets as tables, the well-known ones by name, and the block made of them. */
package org.mobilenetv3;
