package org.mobilenetv3.serve.http;

/** A request that is answered with an error; the message is for the caller, without paths. */
final class HttpError extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final int status;

    HttpError(int status, String message) {
        super(message, null, false, false); // no stack trace: these are frequent under load
        this.status = status;
    }

    int status() {
        return status;
    }

    /** Whether the caller may try again soon. */
    boolean passes() {
        return status == 429 || status == 503;
    }
}
