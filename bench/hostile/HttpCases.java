package hostile;

import static hostile.Cases.head;
import static hostile.Cases.latin;
import static hostile.Cases.post;
import static hostile.Cases.words;

import java.util.List;

/** Lengths that lie, heads that are none, methods and paths that are not served. */
final class HttpCases {

    private final Cases cases;

    HttpCases(Cases cases) {
        this.cases = cases;
    }

    void addAll() {
        lengths();
        heads();
        methods();
        paths();
    }

    private void lengths() {
        String[][] lengths = {
            {"-1", "400"},
            {"abc", "400"},
            {"", "400|411"},
            {"99999999999999999999", "400|413"},
            {"9999999999", "413"},
            {"16777217", "413"},
            {"1e3", "400"},
            {"+5", "400"},
            {"0x10", "400"}
        };
        for (String[] length : lengths) {
            for (String path : List.of("/predict", cases.inferPath())) {
                cases.add(
                        "length '" + length[0] + "' to " + path,
                        length[1],
                        "POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Length: %s\r\n\r\n"
                                .formatted(path, length[0]));
            }
        }
        String post = "POST /predict HTTP/1.1\r\nHost: localhost\r\n";
        cases.add(
                "two lengths", "400", post + "Content-Length: 4\r\nContent-Length: 5\r\n\r\nabcde");
        cases.add(
                "length and chunks",
                "400|415",
                post + "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
        cases.add("unknown transfer", "400|501", post + "Transfer-Encoding: zip\r\n\r\nabc");
        cases.add(
                "too large, 100-continue",
                "413",
                post + "Expect: 100-continue\r\nContent-Length: 99999999\r\n\r\n");
        cases.add(
                "unknown expectation",
                "417|400|415",
                post + "Expect: the-unexpected\r\nContent-Length: 0\r\n\r\n");
        String chunked = post + "Transfer-Encoding: chunked\r\n\r\n";
        String ten = "10000\r\n" + "a".repeat(65_536) + "\r\n";
        for (String path : List.of("/predict", cases.inferPath())) {
            cases.steps(
                    "endless chunks to " + path,
                    "413",
                    false,
                    new Case.Step.Send(latin(chunked.replace("/predict", path))),
                    new Case.Step.Repeat(latin(ten), 0));
            cases.steps(
                    "a body of 17 MB to " + path,
                    "413",
                    false,
                    new Case.Step.Send(latin(head(path, "", 17_000_000))),
                    new Case.Step.Send(new byte[17_000_000]));
        }
        for (String size :
                List.of(
                        "xyz",
                        "-5",
                        "FFFFFFFFFFFFFFFFF",
                        " ",
                        "5;" + "e".repeat(20_000))) {
            String name = size.length() > 20 ? "5;eee..." : size;
            cases.add(
                    "chunk of size '" + name + "'",
                    "400|408|413|415|431|close",
                    chunked + size + "\r\nabcde\r\n0\r\n\r\n");
        }
    }

    private void heads() {
        String get = "GET /v2/health/live HTTP/1.1\r\nHost: localhost\r\n";
        cases.add("a header of 100 kB", "431", get + "X: " + "a".repeat(100_000) + "\r\n\r\n");
        cases.add("a header name of 20 kB", "431|400", get + "a".repeat(20_000) + ": x\r\n\r\n");
        cases.add("5,000 headers", "431", get + "X-A: b\r\n".repeat(5000) + "\r\n");
        cases.add(
                "a path of 20 kB",
                "414|431",
                "GET /" + "a".repeat(20_000) + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
        cases.add(
                "a query of 20 kB",
                "414|431",
                "GET /?" + "a".repeat(20_000) + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
        cases.add(
                "a method of 20 kB",
                "400|414|431|501",
                "A".repeat(20_000) + " / HTTP/1.1\r\nHost: localhost\r\n\r\n");
        cases.add(
                "endless cookies",
                "431",
                get + ("Cookie: " + "a=b;".repeat(500) + "\r\n").repeat(20) + "\r\n");
        String[][] heads = {
            {"a header with a space", "400", get + "X Y: a\r\n\r\n"},
            {"a header without colon", "400|200", get + "nonsense\r\n\r\n"},
            {"a NUL in a header", "400", get + "X: a\0b\r\n\r\n"},
            {"a NUL in the path", "400", "GET /\0 HTTP/1.1\r\nHost: localhost\r\n\r\n"},
            {"no host", "400", "GET /v2 HTTP/1.1\r\n\r\n"},
            {"two hosts", "400", get + "Host: b\r\n\r\n"},
            {"a bad host", "400|200", "GET /v2 HTTP/1.1\r\nHost: localhost b/c:99999\r\n\r\n"},
            {"HTTP/9.9", "400|505", "GET /v2 HTTP/9.9\r\nHost: localhost\r\n\r\n"},
            {"HTTP/0.9", "400|426|505|close", "GET /v2\r\n\r\n"},
            {"no HTTP", "400", "hello\r\n\r\n"},
            {"HTTP/2's preface", "400|426|505|close", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"},
            {
                "a TLS hello",
                "400|close",
                "\26\3\1\2\0\1\0\1\u00fc\3\3" + "\0".repeat(40) + "\r\n\r\n"
            },
            {"SSH", "400|close", "SSH-2.0-OpenSSH_9.2\r\n\r\n"},
            {"binary", "400|close", "\u0080\u0081\u0082\u0083\r\n\r\n"},
            {"a folded header", "400|200", get + "X: a\r\n b\r\n\r\n"},
        };
        for (String[] one : heads) {
            cases.add(one[0], one[1], one[2]);
        }
    }

    private void methods() {
        for (String method : List.of("GET", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS")) {
            for (String path :
                    List.of("/predict", "/predict/" + cases.model(), cases.inferPath())) {
                cases.add(
                        method + " " + path,
                        method.equals("OPTIONS") ? "405|404|200|204" : "405",
                        method + " " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
            }
        }
        for (String method : List.of("TRACE", "CONNECT", "FOO", "get", "PROPFIND")) {
            cases.add(
                    method + " /predict",
                    "405|404|400|501",
                    method + " /predict HTTP/1.1\r\nHost: localhost\r\nX-Secret: 1\r\n\r\n");
        }
        for (String path :
                List.of("/", "/metrics", "/v2", "/v2/health/live", "/v2/models/" + cases.model())) {
            cases.add("POST " + path, "405", post(path, "", latin("x")));
        }
    }

    private void paths() {
        for (String path :
                words(
                        """
                        /nothing /predict/none /v2/models/none /v2/models/none/ready /v2/nothing
                        /v2/models/MODEL/versions/000000000000 /v2/models/MODEL/versions/none/ready
                        /favicon.ico /page.html /WEB-INF/web.xml
                        """)) {
            cases.add("GET " + path, path.startsWith("/predict/") ? "405|404" : "404", get(path));
        }
        for (String path :
                words(
                        """
                        /predict/none /v2/models/none/infer /v2/models//infer
                        /v2/models/MODEL/versions/000000000000/infer
                        /v2/models/%24%7Bjndi%3Aldap%3A%2F%2Fa%7D/infer
                        """)) {
            String real = path.replace("MODEL", cases.model());
            cases.add("POST " + path, "404|400", post(real, "", latin("{}")));
        }
        for (String path :
                words(
                        """
                        /../../etc/passwd /predict/../../../etc/passwd /%2e%2e/%2e%2e/etc/passwd
                        /..%2f..%2fetc%2fpasswd //etc/passwd /predict/%00
                        /v2/models/..%2f..%2fetc/infer
                        /..;/..;/etc/passwd /%c0%ae%c0%ae/ /%E0%80%AF /%zz /%u002e
                        /\\..\\..\\etc\\passwd http://other/etc/passwd * etc/passwd
                        """)) {
            cases.add("path " + path, "400|404|405", get(path));
        }
        cases.add("path of a long name", "404", get("/v2/models/" + "a".repeat(4000)));
    }

    private String get(String path) {
        String real = path.replace("MODEL", cases.model());
        return "GET " + real + " HTTP/1.1\r\nHost: localhost\r\n\r\n";
    }
}
