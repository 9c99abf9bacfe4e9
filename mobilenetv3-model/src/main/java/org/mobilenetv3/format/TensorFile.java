package org.mobilenetv3.format;

import java.io.Closeable;
import java.io.IOException;
import java.util.Map;

/**
 * An open file of named tensors. Their numbers are read when they are asked for, until it is
 * closed.
 *
 * @param tensors by name, in the file's order
 * @param metadata what the file says about itself
 * @param bytes the open file
 */
public record TensorFile(Map<String, Tensor> tensors, Map<String, String> metadata, Closeable bytes)
        implements Closeable {

    @Override
    public void close() throws IOException {
        bytes.close();
    }
}
