package hostile;

import static hostile.Cases.cut;
import static hostile.Cases.head;
import static hostile.Cases.join;
import static hostile.Cases.latin;
import static hostile.Cases.post;

/** Requests that come slowly, in parts, in crowds or not at all. */
final class ConnectionCases {

    private final Cases cases;
    private final byte[] jpeg;

    ConnectionCases(Cases cases) {
        this.cases = cases;
        this.jpeg = cases.jpeg();
    }

    void addAll() {
        slow();
        connections();
    }

    private void slow() {
        byte[] letter = latin("a");
        for (int i = 0; i < 10; i++) {
            cases.steps(
                    "slow head " + i,
                    "408|400|431|close|nothing", // docs/serving.md leaves these to a proxy
                    true,
                    new Case.Step.Send(latin("POST /predict HTTP/1.1\r\nHost: localhost\r\nX-Slow: ")),
                    new Case.Step.Repeat(letter, 200 + 150 * i));
            String path = i % 2 == 0 ? "/predict" : cases.inferPath();
            cases.steps(
                    "slow body " + i,
                    "408",
                    true,
                    new Case.Step.Send(latin(head(path, "", 100_000))),
                    new Case.Step.Repeat(letter, 200 + 150 * i));
        }
        for (int i = 0; i < 160; i++) { // fast enough for a limit on bytes a second
            cases.steps(
                    "trickling body " + i,
                    "408",
                    true,
                    new Case.Step.Send(latin(head("/predict", "", 150_000))),
                    new Case.Step.Repeat(new byte[150], 100));
        }
        for (int i = 0; i < 5; i++) {
            cases.steps("silence " + i, "close|408", true);
            cases.steps(
                    "silence in the head " + i,
                    "close|408|400",
                    true,
                    new Case.Step.Send(latin("POST /predict HTTP/1.1\r\nHo")));
            cases.steps(
                    "silence in the body " + i,
                    "408",
                    true,
                    new Case.Step.Send(latin(head("/predict", "", jpeg.length))),
                    new Case.Step.Send(cut(jpeg, i + 1, 10)));
            cases.steps(
                    "slow chunks " + i,
                    "408",
                    true,
                    new Case.Step.Send(
                            latin(
                                    "POST /predict HTTP/1.1\r\n"
                                            + "Host: localhost\r\n"
                                            + "Transfer-Encoding: chunked\r\n\r\n")),
                    new Case.Step.Repeat(latin("1\r\na\r\n"), 300 + 200 * i));
        }
    }

    private void connections() {
        byte[] whole = post("/predict", "", jpeg);
        byte[] live = latin("GET /v2/health/live HTTP/1.1\r\nHost: localhost\r\n\r\n");
        cases.add("pipelined garbage", "200 then 400|close", join(live, latin("garbage\r\n\r\n")));
        cases.add(
                "garbage behind a body",
                "200 then 400|close",
                join(whole, latin("garbage\r\n\r\n")));
        cases.add(
                "an error, then garbage",
                "415 then 400|close",
                join(post("/predict", "", latin("text")), latin("\1\2\3\r\n\r\n")));
        cases.add("three pipelined", "200 then 200 then 200", join(live, whole, live));
        cases.add(
                "good, bad, good",
                "200 then 400 then 200",
                join(whole, post("/predict", "", cut(jpeg, 1, 2)), whole));
        cases.steps(
                "half-closed after the request",
                "200",
                false,
                new Case.Step.Send(whole),
                new Case.Step.HalfClose());
        for (int i = 0; i < 6; i++) {
            byte[] half = cut(whole, i + 1, 8);
            cases.steps(
                    "half-closed in the middle " + i,
                    "400|408|close",
                    false,
                    new Case.Step.Send(half),
                    new Case.Step.HalfClose());
            cases.steps(
                    "aborted in the middle " + i,
                    "none",
                    false,
                    new Case.Step.Send(half),
                    new Case.Step.Abort());
            cases.steps(
                    "aborted before the answer " + i,
                    "none",
                    false,
                    new Case.Step.Send(whole),
                    new Case.Step.Abort());
        }
        cases.steps("half-closed at once", "close", false, new Case.Step.HalfClose());
    }
}
