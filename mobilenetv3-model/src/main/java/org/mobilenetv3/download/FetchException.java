package org.mobilenetv3.download;

import java.io.IOException;

/** A file cannot be had; the message is one sentence for the user. */
final class FetchException extends IOException {
    private static final long serialVersionUID = 1;

    /** What may be done about it. */
    enum Kind {
        /** No network, or no such server. */
        UNREACHABLE,
        /** The server cannot just now, or something else answers in its place. */
        UNAVAILABLE,
        /** The connection went away in the middle; trying again may help. */
        CUT,
        /** The server has no such file. */
        MISSING,
        /** Nothing. */
        REFUSED
    }

    private final Kind kind;

    FetchException(Kind kind, String message, Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    Kind kind() {
        return kind;
    }
}
