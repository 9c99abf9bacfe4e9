package org.mobilenetv3.download;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.IOException;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** Checks what a user would read. */
final class Sentences {
    private Sentences() {}

    /** The message of the exception a call ends with, checked to be one line and one sentence. */
    static String of(ThrowingCallable call) {
        Throwable thrown = catchThrowable(call);
        assertThat(thrown).isInstanceOfAny(IOException.class, IllegalArgumentException.class);
        assertThat(thrown.getMessage()).endsWith(".").doesNotContain("\n").doesNotContain("..");
        return thrown.getMessage();
    }

    /** Runs a reader on foreign bytes: it may succeed or say a sentence, nothing else. */
    static void allowed(ThrowingCallable call) {
        Throwable thrown = catchThrowable(call);
        if (thrown != null) {
            assertThat(thrown).isInstanceOfAny(IOException.class, IllegalArgumentException.class);
            assertThat(thrown.getMessage()).endsWith(".").doesNotContain("\n");
        }
    }
}
