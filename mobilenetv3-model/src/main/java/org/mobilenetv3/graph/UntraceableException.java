package org.mobilenetv3.graph;

/** A block does something that a graph cannot express. */
public final class UntraceableException extends IllegalArgumentException {

    private static final long serialVersionUID = 1L;

    /**
     * Creates the exception.
     *
     * @param message one sentence that names the block
     */
    public UntraceableException(String message) {
        super(message);
    }
}
