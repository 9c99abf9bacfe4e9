/** A net that holds many smaller ones, which share its weights. */
package org.mobilenetv3.train.supernet;
