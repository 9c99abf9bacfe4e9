package org.mobilenetv3.serve.http;

/** A request that is answered with an error; the message is for the caller, without paths. */
final class HttpError extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final int status;

    /** An error in JSON. */
    record Answer(String error) {}

    HttpError(int status, String message) {
        super(message, null, false, false); // no stack trace: these are frequent under load
        this.status = status;
    }

    /** What the caller did not cause: logged here in full, answered with one sentence. */
    static HttpError unexpected(Throwable cause) {
        System.err.println("A request failed:");
        cause.printStackTrace();
        return cause instanceof OutOfMemoryError
                ? new HttpError(503, "The server is short of memory; try again later.")
                : new HttpError(500, "The server failed.");
    }

    int status() {
        return status;
    }

    Answer answer() {
        return new Answer(getMessage());
    }

    /** Whether the caller may try again soon. */
    boolean retryable() {
        return status == 429 || status == 503;
    }
}
