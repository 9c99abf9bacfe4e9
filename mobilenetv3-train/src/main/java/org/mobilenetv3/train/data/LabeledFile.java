package org.mobilenetv3.train.data;

import java.nio.file.Path;

/**
 * An image file whose class is known.
 *
 * @param file where it lies
 * @param label index of its class
 */
public record LabeledFile(Path file, int label) {}
