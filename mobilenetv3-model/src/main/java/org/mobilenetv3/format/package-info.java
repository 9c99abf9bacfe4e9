/** Named tensors in files, of any format and of any net: their types, shapes and numbers. */
package org.mobilenetv3.format;
