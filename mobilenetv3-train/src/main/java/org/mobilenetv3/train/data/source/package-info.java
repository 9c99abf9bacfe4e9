/**
 * Where images come from: {@link org.mobilenetv3.train.data.source.Datasets} finds a data set by
 * its name, fetches it if need be, and reads it.
 */
package org.mobilenetv3.train.data.source;
