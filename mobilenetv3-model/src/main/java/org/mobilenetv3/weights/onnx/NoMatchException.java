package org.mobilenetv3.weights.onnx;

/** A file's graph is not that of a net; says where they part. */
final class NoMatchException extends Exception {

    private static final long serialVersionUID = 1;

    private final int matched;

    NoMatchException(int matched, String message) {
        super(message);
        this.matched = matched;
    }

    /** How many operations were the same up to there. */
    int matched() {
        return matched;
    }
}
