/**
 * What DJL finds: the entry in its ModelZoo, and the block and translator factories that a
 * package's {@code serving.properties} names.
 */
package org.mobilenetv3.zoo;
