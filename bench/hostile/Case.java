package hostile;

import java.util.List;

/**
 * What is sent, and what must come back.
 *
 * @param name of the case
 * @param expected statuses, with "|" between those that are right and "then" between the answers of
 *     pipelined requests; "close" is an end of the connection without an answer, "none" whatever
 * @param slow whether it may take a minute and a half, as long as an idle connection may live
 * @param steps one after the other on one connection
 */
record Case(String name, String expected, boolean slow, List<Step> steps) {

    /** What a case does next with its connection. */
    sealed interface Step {
        record Send(byte[] bytes) implements Step {}

        /** Sends again and again, each time after a pause, until there is an answer. */
        record Repeat(byte[] bytes, int pauseMilliseconds) implements Step {}

        record HalfClose() implements Step {}

        record Abort() implements Step {}
    }
}
