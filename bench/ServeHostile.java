import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/**
 * Sends an inference server what it must refuse, and holds each answer against what the case
 * expects: the status, JSON, no trace of the inside, in time. Exit status 1 if one is not met.
 *
 * <pre>
 *   java bench/ServeHostile.java http://127.0.0.1:8080 MODEL [--seconds S] [--cases 600] [--json]
 *   java bench/ServeHostile.java http://127.0.0.1:8080 MODEL --case REGEX    # these, with answers
 * </pre>
 *
 * MODEL takes RGB images of 224 pixels. Cases are spread over --seconds (20); slow ones begin at
 * once and may take longer. Where several statuses are right, "|" stands between them; "close" is
 * an end of the connection without an answer, "then" separates the answers of pipelined requests.
 * With --turn it says when its requests are made and waits for a line on standard input.
 */
class ServeHostile {

    private static final int USUAL_MILLISECONDS = 15_000;
    private static final int SLOW_MILLISECONDS = 60_000;
    private static final Pattern INSIDE =
            Pattern.compile(
                    "\\tat |Exception|Caused by|\\.java\\b|\\bjava\\.|\\borg\\.[a-z]|jetty|javalin"
                            + "|/(tmp|home|root|work|usr|var|etc)/",
                    Pattern.CASE_INSENSITIVE);
    private static final Pattern ERROR =
            Pattern.compile("\\{\"error\":\"([^\"\\\\]|\\\\.)+\"\\}", Pattern.DOTALL);

    /** What a case does next with its connection. */
    private sealed interface Step {
        record Send(byte[] bytes) implements Step {}

        /** Sends again and again, each time after a pause, until there is an answer. */
        record Repeat(byte[] bytes, int pauseMilliseconds) implements Step {}

        record HalfClose() implements Step {}

        record Abort() implements Step {}
    }

    private record Case(String name, String expected, boolean slow, List<Step> steps) {}

    private record Outcome(Case what, String seen, long milliseconds, String complaint, String all) {}

    private record Reply(int status, String head, String body, boolean last) {}

    private final URI server;

    ServeHostile(URI server) {
        this.server = server;
    }

    public static void main(String[] args) throws Exception {
        List<String> options = List.of(args);
        String only = option(options, "--case", "");
        int count = Integer.parseInt(option(options, "--cases", "600"));
        double seconds = Double.parseDouble(option(options, "--seconds", "20"));
        List<Case> cases = new Cases(args[1]).all(count);
        if (!only.isEmpty()) {
            Pattern wanted = Pattern.compile(only);
            cases = cases.stream().filter(c -> wanted.matcher(c.name).find()).toList();
            seconds = 0;
        }
        if (options.contains("--turn")) {
            System.out.println("ready");
            System.in.read();
        }
        List<Outcome> outcomes = new ServeHostile(URI.create(args[0])).run(cases, seconds);
        boolean json = options.contains("--json");
        outcomes.stream()
                .filter(o -> !o.complaint.isEmpty() || !only.isEmpty())
                .forEach(o -> (json ? System.err : System.out).println(line(o, !only.isEmpty())));
        System.out.println(summary(outcomes, json));
        System.exit(outcomes.stream().allMatch(o -> o.complaint.isEmpty()) ? 0 : 1);
    }

    private static String option(List<String> options, String name, String otherwise) {
        int at = options.indexOf(name);
        return at < 0 ? otherwise : options.get(at + 1);
    }

    private static String line(Outcome outcome, boolean all) {
        String verdict = outcome.complaint.isEmpty() ? "ok" : "WRONG: " + outcome.complaint;
        return "%s: expected %s, saw %s after %d ms; %s%s"
                .formatted(
                        outcome.what.name,
                        outcome.what.expected,
                        outcome.seen,
                        outcome.milliseconds,
                        verdict,
                        all ? "\n" + outcome.all : "");
    }

    private static String summary(List<Outcome> outcomes, boolean json) {
        TreeMap<String, Long> seen =
                outcomes.stream()
                        .collect(
                                Collectors.groupingBy(
                                        Outcome::seen, TreeMap::new, Collectors.counting()));
        String statuses =
                seen.entrySet().stream()
                        .map(e -> "\"" + e.getKey() + "\": " + e.getValue())
                        .collect(Collectors.joining(", ", "{", "}"));
        List<Outcome> wrong = outcomes.stream().filter(o -> !o.complaint.isEmpty()).toList();
        String names =
                wrong.stream()
                        .map(o -> "\"" + o.what.name + "\"")
                        .collect(Collectors.joining(", ", "[", "]"));
        return json
                ? "{\"cases\": %d, \"wrong\": %d, \"statuses\": %s, \"names\": %s}"
                        .formatted(outcomes.size(), wrong.size(), statuses, names)
                : "%d cases, %d wrong; answers: %s"
                        .formatted(outcomes.size(), wrong.size(), statuses);
    }

    private List<Outcome> run(List<Case> cases, double seconds) throws Exception {
        List<Future<Outcome>> running = new ArrayList<>();
        ExecutorService threads = Executors.newCachedThreadPool(ServeHostile::daemon);
        for (Case slow : cases.stream().filter(c -> c.slow).toList()) {
            running.add(threads.submit(() -> attempt(slow)));
        }
        List<Case> fast = new ArrayList<>(cases.stream().filter(c -> !c.slow).toList());
        Collections.shuffle(fast, new Random(0));
        long start = System.nanoTime();
        for (int i = 0; i < fast.size(); i++) {
            Case next = fast.get(i);
            long due = start + (long) (seconds * 1e9 * i / fast.size());
            Thread.sleep(Math.max(0, (due - System.nanoTime()) / 1_000_000));
            running.add(threads.submit(() -> attempt(next)));
        }
        List<Outcome> outcomes = new ArrayList<>();
        for (Future<Outcome> one : running) {
            outcomes.add(one.get());
        }
        return outcomes;
    }

    private static Thread daemon(Runnable work) {
        Thread thread = new Thread(work);
        thread.setDaemon(true);
        return thread;
    }

    private Outcome attempt(Case what) {
        long start = System.nanoTime();
        int patience = what.slow ? SLOW_MILLISECONDS : USUAL_MILLISECONDS;
        List<String> seen = new ArrayList<>();
        StringBuilder all = new StringBuilder();
        String complaint = "";
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(server.getHost(), server.getPort()), 5000);
            Thread sender = daemon(() -> send(socket, what.steps));
            sender.start();
            boolean head = what.name.contains("HEAD");
            InputStream in = socket.getInputStream();
            String[] wanted = what.expected.split(" then ");
            for (int i = 0; i < wanted.length; i++) {
                long left = patience - (System.nanoTime() - start) / 1_000_000;
                socket.setSoTimeout((int) Math.max(1, left));
                Reply reply = read(in, head);
                seen.add(reply == null ? "close" : Integer.toString(reply.status));
                if (reply != null) {
                    all.append(reply.head).append(reply.body).append('\n');
                    complaint += complaint(reply, head);
                }
                if (!List.of(wanted[i].split("\\|")).contains(seen.get(i))) {
                    complaint += "status; ";
                }
                if (reply == null || reply.last) {
                    break;
                }
            }
        } catch (SocketTimeoutException e) {
            seen.add("nothing");
            complaint += "no answer in %d ms; ".formatted(patience);
        } catch (IOException | RuntimeException e) {
            seen.add("broken");
            complaint += e + "; ";
        }
        if (what.expected.equals("none")) {
            complaint = "";
            seen = List.of("none");
        }
        long took = (System.nanoTime() - start) / 1_000_000;
        return new Outcome(what, String.join(" then ", seen), took, complaint, all.toString());
    }

    /** What is wrong with an answer, its status aside. */
    private static String complaint(Reply reply, boolean head) {
        String found = "";
        if (INSIDE.matcher(reply.head + reply.body).find()) {
            found += "tells of its inside; ";
        }
        boolean page = reply.head.toLowerCase().contains("content-type: text/");
        if (reply.status >= 400 && !head && !ERROR.matcher(reply.body.strip()).matches()) {
            found += "is no {\"error\": \"...\"}; ";
        }
        if (reply.status >= 400 && page) {
            found += "is not application/json; ";
        }
        if (reply.status == 500) {
            found += "the server failed; ";
        }
        if (reply.body.matches("(?s).*[\\[:,]\\s*-?(NaN|Infinity).*")) {
            found += "is no JSON; ";
        }
        return found;
    }

    private static void send(Socket socket, List<Step> steps) {
        try {
            OutputStream out = socket.getOutputStream();
            for (Step step : steps) {
                if (step instanceof Step.Send send) {
                    out.write(send.bytes);
                } else if (step instanceof Step.Repeat repeat) {
                    while (!socket.isClosed()) {
                        out.write(repeat.bytes);
                        Thread.sleep(repeat.pauseMilliseconds);
                    }
                } else if (step instanceof Step.HalfClose) {
                    socket.shutdownOutput();
                } else {
                    socket.close();
                }
            }
        } catch (IOException | InterruptedException e) {
            // The server has heard enough: the reader sees what it says.
        }
    }

    /** Reads one answer; null if the connection ends before it. */
    private static Reply read(InputStream in, boolean headOnly) throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int c;
            try {
                c = in.read();
            } catch (SocketTimeoutException e) {
                throw e;
            } catch (IOException e) {
                c = -1; // reset
            }
            if (c < 0 && head.isEmpty()) {
                return null;
            }
            if (c < 0) {
                throw new IOException("the answer's head ends after '" + head + "'");
            }
            head.append((char) c);
            if (head.toString().matches("HTTP/1\\.[01] 100[^\r]*\r\n\r\n")) {
                head.setLength(0); // go on
            }
        }
        int status = Integer.parseInt(head.substring(9, 12));
        String lower = head.toString().toLowerCase();
        byte[] body;
        int length = lower.indexOf("\r\ncontent-length:");
        if (headOnly || status == 204 || status == 304) {
            body = new byte[0];
        } else if (length >= 0) {
            int end = lower.indexOf("\r\n", length + 2);
            body = in.readNBytes(Integer.parseInt(lower.substring(length + 17, end).strip()));
        } else if (lower.contains("transfer-encoding: chunked")) {
            throw new IOException("the answer is chunked, which errors need not be");
        } else {
            body = in.readAllBytes();
        }
        boolean last = lower.contains("\r\nconnection: close");
        return new Reply(
                status, head.toString(), new String(body, StandardCharsets.UTF_8), last);
    }

    /** The table. */
    private static final class Cases {
        private final List<Case> cases = new ArrayList<>();
        private final Random random = new Random(1);
        private final String model;
        private final byte[] jpeg = Files.jpeg(320, 240, false);
        private final byte[] png = Files.encode(320, 240, "png");
        private final byte[] gif = Files.encode(320, 240, "gif");
        private final byte[] bmp = Files.encode(32, 24, "bmp");

        Cases(String model) throws IOException {
            this.model = model;
        }

        List<Case> all(int count) throws IOException {
            bombs();
            damagedImages();
            otherTypes();
            forms();
            options();
            lengths();
            slow();
            heads();
            methods();
            paths();
            connections();
            json();
            shapes();
            types();
            values();
            binary();
            headerLength();
            outputs();
            while (cases.size() < count) {
                mutant(cases.size());
            }
            return cases;
        }

        // -- how a case is written

        private void add(String name, String expected, byte[] request) {
            cases.add(new Case(name, expected, false, List.of(new Step.Send(request))));
        }

        private void add(String name, String expected, String request) {
            add(name, expected, latin(request));
        }

        private void steps(String name, String expected, boolean slow, Step... steps) {
            cases.add(new Case(name, expected, slow, List.of(steps)));
        }

        private void image(String name, String expected, byte[] body) {
            add(name, expected, post("/predict", "", body));
        }

        private void infer(String name, String expected, String json) {
            add(name, expected, post(inferPath(), "", latin(json)));
        }

        private String inferPath() {
            return "/v2/models/" + model + "/infer";
        }

        private static byte[] latin(String text) {
            return text.getBytes(StandardCharsets.ISO_8859_1);
        }

        private static String head(String path, String headers, long length) {
            return "POST %s HTTP/1.1\r\nHost: a\r\n%sContent-Length: %d\r\n\r\n"
                    .formatted(path, headers, length);
        }

        private static byte[] post(String path, String headers, byte[] body) {
            return join(latin(head(path, headers, body.length)), body);
        }

        private static byte[] join(byte[]... parts) {
            ByteArrayOutputStream all = new ByteArrayOutputStream();
            for (byte[] part : parts) {
                all.writeBytes(part);
            }
            return all.toByteArray();
        }

        // -- images

        private void bombs() throws IOException {
            for (int side : new int[] {8000, 50_000, 65_535, 1 << 20, Integer.MAX_VALUE}) {
                image("PNG that claims a side of " + side, "400", Files.png(side, side, 8, 2, 1000));
            }
            image("PNG of no width", "400", Files.png(0, 10, 8, 2, 1000));
            image("PNG of negative height", "400", Files.png(10, -1, 8, 2, 1000));
            image("PNG of depth 77", "400", Files.png(10, 10, 77, 2, 1000));
            image("PNG bomb, 400 million zeros", "400", Files.png(20_000, 20_000, 8, 0, 400_020_000));
            image("PNG bomb, 2500 million bits", "400", Files.png(50_000, 50_000, 1, 0, 312_550_000));
            image("PNG of 49 million zeros", "200|400|504", Files.png(7000, 7000, 8, 0, 49_007_000));
            for (String chunk : List.of("zTXt", "iTXt", "iCCP")) {
                image("PNG with a bomb in " + chunk, "200|400", Files.pngWithBomb(png, chunk));
            }
            for (int side : new int[] {8000, 65_535}) {
                image("GIF that claims a side of " + side, "400", Files.gif(gif, side));
            }
            image("GIF of 20,000 frames", "200|400", Files.frames(gif, 20_000));
            for (int side : new int[] {8000, 65_500}) {
                image("JPEG that claims a side of " + side, "400", Files.jpegOf(jpeg, side));
            }
            byte[] scans = Files.jpeg(2000, 2000, true);
            image("JPEG of 2,000 scans", "200|400|504", Files.scans(scans, 2000));
            for (int side : new int[] {8000, 100_000, Integer.MAX_VALUE, -5}) {
                byte[] huge = bmp.clone();
                ByteBuffer.wrap(huge).order(ByteOrder.LITTLE_ENDIAN).putInt(18, side).putInt(22, side);
                image("BMP that claims a side of " + side, "400", huge);
            }
        }

        private void damagedImages() {
            for (int i = 1; i <= 40; i++) {
                image("JPEG cut at " + i + "/42", "400", cut(jpeg, i, 42));
            }
            for (int i = 1; i <= 30; i++) {
                image("PNG cut at " + i + "/32", "400", cut(png, i, 32));
            }
            for (int i = 1; i <= 10; i++) {
                image("GIF cut at " + i + "/12", "400", cut(gif, i, 12));
                image("BMP cut at " + i + "/12", "400", cut(bmp, i, 12));
            }
            for (int i = 8; i < 16; i++) {
                image("PNG of its first " + i + " bytes", "400", Arrays.copyOf(png, i));
            }
            image("JPEG of three bytes", "400", Arrays.copyOf(jpeg, 3));
        }

        private static byte[] cut(byte[] file, int part, int of) {
            return Arrays.copyOf(file, (int) ((long) file.length * part / of));
        }

        private void otherTypes() {
            String[] heads = {
                "", "a", "<html><body>hi</body></html>", "%PDF-1.7\n", "PK\3\4", "\177ELF\2\1\1",
                "RIFF\0\0\1\0WEBPVP8 ", "II*\0\10\0\0\0", "<svg xmlns='http://www.w3.org/2000/svg'/>",
                "\0\0\0\30ftypmp42", "\37\213\10\0", "{\"image\": \"/etc/passwd\"}",
                "http://127.0.0.1/image.jpg", "file:///etc/passwd", "\u00ff\u00d8", "\u0089PNG",
                "GIF", "B", "P6 99999 99999 255\n", "\0".repeat(100_000), "GARBAGE".repeat(10_000)
            };
            for (int i = 0; i < heads.length; i++) {
                image("no image " + i, "415", latin(heads[i]));
            }
            add(
                    "compressed text",
                    "415",
                    post("/predict", "Content-Encoding: gzip\r\n", latin("\37\213\10\0zzzz")));
        }

        private void forms() {
            String[][] forms = {
                {"no boundary", "400", "multipart/form-data", "--x\r\n\r\n\r\n--x--\r\n"},
                {"empty boundary", "400", "multipart/form-data; boundary=", "--\r\n\r\n\r\n----\r\n"},
                {"no part", "400", "multipart/form-data; boundary=x", "--x--\r\n"},
                {"nothing", "400", "multipart/form-data; boundary=x", ""},
                {"other part", "400", "multipart/form-data; boundary=x", part("other", "a")},
                {"text part", "415", "multipart/form-data; boundary=x", part("file", "text")},
                {"empty part", "415", "multipart/form-data; boundary=x", part("image", "")},
                {"no end", "400", "multipart/form-data; boundary=x",
                    "--x\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\nabc"},
                {"20,000 parts", "400", "multipart/form-data; boundary=x", part("o", "").repeat(20_000)},
                {"a million boundaries", "400", "multipart/form-data; boundary=x", "--x".repeat(1_000_000)},
                {"a long boundary", "400", "multipart/form-data; boundary=" + "x".repeat(5000), "--x--"},
                {"truncated image", "400", "multipart/form-data; boundary=x",
                    part("file", new String(cut(jpeg, 1, 3), StandardCharsets.ISO_8859_1))},
            };
            for (String[] form : forms) {
                byte[] body = latin(form[3]);
                String type = "Content-Type: " + form[2] + "\r\n";
                add("form with " + form[0], form[1], post("/predict", type, body));
            }
        }

        private static String part(String name, String content) {
            return "--x\r\nContent-Disposition: form-data; name=\"%s\"\r\n\r\n%s\r\n--x--\r\n"
                    .formatted(name, content);
        }

        private void options() {
            for (String k : List.of("0", "-1", "abc", "1e9", "99999999999", "NaN", "", "1.5", "%00")) {
                add("top_k=" + k, "400", post("/predict?top_k=" + k, "", jpeg));
            }
            for (String ms : List.of("0", "-1", "abc", "99999999999999999999", "1.5", "NaN", "")) {
                String header = "X-Deadline-Ms: " + ms + "\r\n";
                add("deadline '" + ms + "'", "400", post("/predict", header, jpeg));
            }
            add("deadline 1", "504|200", post("/predict", "X-Deadline-Ms: 1\r\n", jpeg));
        }

        // -- HTTP

        private void lengths() {
            String[][] lengths = {
                {"-1", "400"}, {"abc", "400"}, {"", "400|411"}, {"99999999999999999999", "400|413"},
                {"9999999999", "413"}, {"16777217", "413"}, {"1e3", "400"}, {"+5", "400"}, {"0x10", "400"}
            };
            for (String[] length : lengths) {
                for (String path : List.of("/predict", inferPath())) {
                    add("length '" + length[0] + "' to " + path, length[1],
                            "POST %s HTTP/1.1\r\nHost: a\r\nContent-Length: %s\r\n\r\n"
                                    .formatted(path, length[0]));
                }
            }
            String post = "POST /predict HTTP/1.1\r\nHost: a\r\n";
            add("two lengths", "400", post + "Content-Length: 4\r\nContent-Length: 5\r\n\r\nabcde");
            add("length and chunks", "400|415",
                    post + "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
            add("unknown transfer", "400|501", post + "Transfer-Encoding: zip\r\n\r\nabc");
            add("too large, 100-continue", "413",
                    post + "Expect: 100-continue\r\nContent-Length: 99999999\r\n\r\n");
            add("unknown expectation", "417|400|415",
                    post + "Expect: the-unexpected\r\nContent-Length: 0\r\n\r\n");
            String chunked = post + "Transfer-Encoding: chunked\r\n\r\n";
            String ten = "10000\r\n" + "a".repeat(65_536) + "\r\n";
            for (String path : List.of("/predict", inferPath())) {
                steps("endless chunks to " + path, "413", false,
                        new Step.Send(latin(chunked.replace("/predict", path))),
                        new Step.Repeat(latin(ten), 0));
                steps("a body of 17 MB to " + path, "413", false,
                        new Step.Send(latin(head(path, "", 17_000_000))),
                        new Step.Send(new byte[17_000_000]));
            }
            for (String size : List.of("xyz", "-5", "FFFFFFFFFFFFFFFFF", "7FFFFFFF0", " ", "5;" + "e".repeat(20_000))) {
                String name = size.length() > 20 ? "5;eee..." : size;
                add("chunk of size '" + name + "'", "400|408|413|415|431|close",
                        chunked + size + "\r\nabcde\r\n0\r\n\r\n");
            }
        }

        private void slow() {
            byte[] letter = latin("a");
            for (int i = 0; i < 10; i++) {
                steps("slow head " + i, "408|400|431|close", true,
                        new Step.Send(latin("POST /predict HTTP/1.1\r\nHost: a\r\nX-Slow: ")),
                        new Step.Repeat(letter, 200 + 150 * i));
                String path = i % 2 == 0 ? "/predict" : inferPath();
                steps("slow body " + i, "408", true,
                        new Step.Send(latin(head(path, "", 100_000))),
                        new Step.Repeat(letter, 200 + 150 * i));
            }
            for (int i = 0; i < 5; i++) {
                steps("silence " + i, "close|408", true);
                steps("silence in the head " + i, "close|408|400", true,
                        new Step.Send(latin("POST /predict HTTP/1.1\r\nHo")));
                steps("silence in the body " + i, "408", true,
                        new Step.Send(latin(head("/predict", "", jpeg.length))),
                        new Step.Send(cut(jpeg, i + 1, 10)));
                steps("slow chunks " + i, "408", true,
                        new Step.Send(latin("POST /predict HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")),
                        new Step.Repeat(latin("1\r\na\r\n"), 300 + 200 * i));
            }
        }

        private void heads() {
            String get = "GET /v2/health/live HTTP/1.1\r\nHost: a\r\n";
            add("a header of 100 kB", "431", get + "X: " + "a".repeat(100_000) + "\r\n\r\n");
            add("a header name of 20 kB", "431|400", get + "a".repeat(20_000) + ": x\r\n\r\n");
            add("5,000 headers", "431", get + "X-A: b\r\n".repeat(5000) + "\r\n");
            add("a path of 20 kB", "414|431", "GET /" + "a".repeat(20_000) + " HTTP/1.1\r\nHost: a\r\n\r\n");
            add("a query of 20 kB", "414|431", "GET /?" + "a".repeat(20_000) + " HTTP/1.1\r\nHost: a\r\n\r\n");
            add("a method of 20 kB", "400|414|431|501", "A".repeat(20_000) + " / HTTP/1.1\r\nHost: a\r\n\r\n");
            add("endless cookies", "431", get + ("Cookie: " + "a=b;".repeat(500) + "\r\n").repeat(20) + "\r\n");
            String[][] heads = {
                {"a header with a space", "400", get + "X Y: a\r\n\r\n"},
                {"a header without colon", "400|200", get + "nonsense\r\n\r\n"},
                {"a NUL in a header", "400", get + "X: a\0b\r\n\r\n"},
                {"a NUL in the path", "400", "GET /\0 HTTP/1.1\r\nHost: a\r\n\r\n"},
                {"no host", "400", "GET /v2 HTTP/1.1\r\n\r\n"},
                {"two hosts", "400", get + "Host: b\r\n\r\n"},
                {"a bad host", "400|200", "GET /v2 HTTP/1.1\r\nHost: a b/c:99999\r\n\r\n"},
                {"HTTP/9.9", "400|505", "GET /v2 HTTP/9.9\r\nHost: a\r\n\r\n"},
                {"HTTP/0.9", "400|426|505|close", "GET /v2\r\n\r\n"},
                {"no HTTP", "400", "hello\r\n\r\n"},
                {"HTTP/2's preface", "400|426|505|close", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"},
                {"a TLS hello", "400|close", "\26\3\1\2\0\1\0\1\u00fc\3\3" + "\0".repeat(40) + "\r\n\r\n"},
                {"SSH", "400|close", "SSH-2.0-OpenSSH_9.2\r\n\r\n"},
                {"binary", "400|close", "\u0080\u0081\u0082\u0083\r\n\r\n"},
                {"a folded header", "400|200", get + "X: a\r\n b\r\n\r\n"},
            };
            for (String[] one : heads) {
                add(one[0], one[1], one[2]);
            }
        }

        private void methods() {
            for (String method : List.of("GET", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS")) {
                for (String path : List.of("/predict", "/predict/" + model, inferPath())) {
                    add(method + " " + path, method.equals("OPTIONS") ? "405|404|200|204" : "405",
                            method + " " + path + " HTTP/1.1\r\nHost: a\r\n\r\n");
                }
            }
            for (String method : List.of("TRACE", "CONNECT", "FOO", "get", "PROPFIND")) {
                add(method + " /predict", "405|404|400|501",
                        method + " /predict HTTP/1.1\r\nHost: a\r\nX-Secret: 1\r\n\r\n");
            }
            for (String path : List.of("/", "/metrics", "/v2", "/v2/health/live", "/v2/models/" + model)) {
                add("POST " + path, "405", post(path, "", latin("x")));
            }
        }

        private void paths() {
            for (String path : List.of("/nothing", "/predict/none", "/v2/models/none", "/v2/models/none/ready",
                    "/v2/models/" + model + "/versions/000000000000", "/v2/nothing", "/favicon.ico",
                    "/v2/models/" + model + "/versions/none/ready", "/page.html", "/WEB-INF/web.xml")) {
                add("GET " + path, path.startsWith("/predict/") ? "405|404" : "404",
                        "GET " + path + " HTTP/1.1\r\nHost: a\r\n\r\n");
            }
            for (String path : List.of("/predict/none", "/v2/models/none/infer",
                    "/v2/models/" + model + "/versions/000000000000/infer",
                    "/v2/models/%24%7Bjndi%3Aldap%3A%2F%2Fa%7D/infer", "/v2/models//infer")) {
                add("POST " + path, "404|400", post(path, "", latin("{}")));
            }
            for (String path : List.of("/../../etc/passwd", "/predict/../../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd",
                    "/..%2f..%2fetc%2fpasswd", "//etc/passwd", "/predict/%00", "/v2/models/..%2f..%2fetc/infer",
                    "/..;/..;/etc/passwd", "/%c0%ae%c0%ae/", "/%E0%80%AF", "/%zz", "/%u002e", "/\\..\\..\\etc\\passwd",
                    "http://other/etc/passwd", "*", "etc/passwd", "/v2/models/" + "a".repeat(4000))) {
                add("path " + (path.length() > 50 ? "long name" : path), "400|404|405",
                        "GET " + path + " HTTP/1.1\r\nHost: a\r\n\r\n");
            }
        }

        private void connections() {
            byte[] whole = post("/predict", "", jpeg);
            byte[] live = latin("GET /v2/health/live HTTP/1.1\r\nHost: a\r\n\r\n");
            add("pipelined garbage", "200 then 400|close", join(live, latin("garbage\r\n\r\n")));
            add("garbage behind a body", "200 then 400|close", join(whole, latin("garbage\r\n\r\n")));
            add("an error, then garbage", "415 then 400|close",
                    join(post("/predict", "", latin("text")), latin("\1\2\3\r\n\r\n")));
            add("three pipelined", "200 then 200 then 200", join(live, whole, live));
            add("good, bad, good", "200 then 400 then 200",
                    join(whole, post("/predict", "", cut(jpeg, 1, 2)), whole));
            steps("half-closed after the request", "200", false, new Step.Send(whole), new Step.HalfClose());
            for (int i = 0; i < 6; i++) {
                byte[] half = cut(whole, i + 1, 8);
                steps("half-closed in the middle " + i, "400|408|close", false,
                        new Step.Send(half), new Step.HalfClose());
                steps("aborted in the middle " + i, "none", false, new Step.Send(half), new Step.Abort());
                steps("aborted before the answer " + i, "none", false, new Step.Send(whole), new Step.Abort());
            }
            steps("half-closed at once", "close", false, new Step.HalfClose());
        }

        // -- the inference protocol

        private static final String ONE = "[1,3,224,224]";
        private static final int VALUES = 3 * 224 * 224;

        private String input(String name, String type, String shape, String rest) {
            return "{\"inputs\":[{\"name\":%s,\"datatype\":%s,\"shape\":%s%s}]}"
                    .formatted(name, type, shape, rest);
        }

        private String data(String values) {
            return input("\"input\"", "\"FP32\"", ONE, ",\"data\":" + values);
        }

        private static String numbers(int count, String first) {
            return "[" + first + ",0.5".repeat(count - 1) + "]";
        }

        private void json() {
            String good = data("[1,2]");
            for (String text : List.of("", "null", "[]", "\"x\"", "5", "{", "}", "{}", "{\"inputs\":}", "{\"inputs\":null}",
                    "{\"inputs\":{}}", "{\"inputs\":[]}", "{\"inputs\":[null]}", "{\"inputs\":[5]}", "{\"inputs\":[[]]}",
                    "{\"inputs\":[{}]}", "<xml/>", "\0\1\2", "{\"inputs\":[{\"name\":{}}]}", good + "}", good + "x",
                    "{'inputs':[]}", "//\n{}", "{\"id\":{}}", "{\"id\":null}", "{\"parameters\":5}", "{\"parameters\":null}")) {
                infer("JSON " + text.replace("\"", "'").replace("\0", "NUL"), "400", text);
            }
            for (int i = 1; i < 16; i++) {
                infer("JSON cut at " + i + "/16", "400", good.substring(0, good.length() * i / 16));
            }
            String deep = "[".repeat(100_000);
            String objects = "{\"a\":".repeat(100_000);
            infer("deep data", "400", data(deep));
            infer("deep data, closed", "400", data(deep + "]".repeat(100_000)));
            infer("deep shape", "400", input("\"input\"", "\"FP32\"", deep, ""));
            infer("deep parameters", "400", "{\"parameters\":" + objects);
            infer("deep parameters, closed", "400", "{\"parameters\":" + objects + "1" + "}".repeat(100_001));
            infer("deep outputs", "400", "{\"outputs\":[" + objects);
            infer("deep unknown", "400", "{\"unknown\":" + deep);
            infer("deep unknown, closed", "400", "{\"unknown\":" + deep + "]".repeat(100_000) + "}");
            infer("deep objects, closed", "400", "{\"u\":" + objects + "1" + "}".repeat(100_000) + "}");
            infer("a string of 10 MB", "400", "{\"id\":\"" + "a".repeat(10_000_000) + "\"}");
            infer("a name of 10 MB", "400", "{\"" + "a".repeat(10_000_000) + "\":1}");
            infer("five million values", "400", data("[1" + ",1".repeat(5_000_000) + "]"));
            infer("a million inputs", "400", "{\"inputs\":[{}" + ",{}".repeat(1_000_000) + "]}");
            infer("a million outputs", "400", "{\"outputs\":[{}" + ",{}".repeat(1_000_000) + "]}");
        }

        private void shapes() {
            for (String shape : List.of("[0,3,224,224]", "[-1,3,224,224]", "[1,3,224]", "[3,224,224]", "[1,224,224,3]",
                    "[1,3,224,225]", "[1,1,224,224]", "[1,3,1,1]", "[1000000,3,224,224]", "[2147483647,3,224,224]",
                    "[9223372036854775807,3,224,224]", "[9223372036854775808,3,224,224]", "[4294967297,3,224,224]",
                    "[1,3,65536,65536]", "[1.5,3,224,224]", "[1e99,3,224,224]", "[\"a\",3,224,224]", "[null,3,224,224]",
                    "[]", "{}", "null", "5", "\"x\"", "[[1],3,224,224]", "[1,3,224,224,1]", "[1,3,-224,-224]",
                    "[1" + ",1".repeat(100_000) + "]")) {
                String name = shape.length() > 40 ? "100,000 long" : shape.replace("\"", "'");
                infer("shape " + name, "400", input("\"input\"", "\"FP32\"", shape, ",\"data\":" + numbers(VALUES, "1")));
            }
            infer("no shape", "400", "{\"inputs\":[{\"name\":\"input\",\"datatype\":\"FP32\",\"data\":[1]}]}");
        }

        private void types() {
            for (String type : List.of("FP64", "FP16", "BF16", "INT8", "INT64", "BOOL", "BYTES", "", "fp32", "UINT8")) {
                infer("datatype '" + type + "'", "400",
                        input("\"input\"", "\"" + type + "\"", ONE, ",\"data\":" + numbers(VALUES, "1")));
            }
            for (String type : List.of("null", "5", "{}", "[]", "true")) {
                infer("datatype " + type, "400", input("\"input\"", type, ONE, ",\"data\":[1]"));
            }
            infer("pixels as FP32", "400", input("\"pixels\"", "\"FP32\"", ONE, ",\"data\":" + numbers(VALUES, "1")));
            for (String name : List.of("\"foo\"", "\"\"", "null", "5", "\"../input\"")) {
                infer("input " + name.replace("\"", "'"), "400", input(name, "\"FP32\"", ONE, ",\"data\":" + numbers(VALUES, "1")));
            }
            String one = "{\"name\":\"input\",\"datatype\":\"FP32\",\"shape\":[1,3,224,224],\"data\":[1]}";
            infer("two inputs", "400", "{\"inputs\":[" + one + "," + one + "]}");
        }

        private void values() {
            for (String value : List.of("NaN", "Infinity", "-Infinity", "\"NaN\"", "1e400", "1e39", "-1e39", "null", "true",
                    "{}", "\"a\"", "0x10", "1e", "--1", "01", "[[[[[1]]]]]", "9".repeat(1_000_000))) {
                infer("value " + (value.length() > 40 ? "of a million digits" : value.replace("\"", "'")), "400",
                        data(numbers(VALUES, value)));
            }
            for (int count : new int[] {1, VALUES - 1, VALUES + 1}) {
                infer(count + " values", "400", data(numbers(count, "1")));
            }
            infer("no values", "400", data("[]"));
            infer("values that are none", "400", data("null"));
            infer("one value, no list", "400", data("1"));
            for (String value : List.of("256", "-1", "1.5", "1e9")) {
                infer("pixel " + value, "400", input("\"pixels\"", "\"UINT8\"", ONE,
                        ",\"data\":" + "[" + value + ",1".repeat(VALUES - 1) + "]"));
            }
        }

        private byte[] tensor(String name, String type, String shape, String size, byte[] bytes, String more) {
            String json = input("\"" + name + "\"", "\"" + type + "\"", shape,
                    ",\"parameters\":{\"binary_data_size\":" + size + "}" + more);
            return post(inferPath(), "Inference-Header-Content-Length: " + json.length() + "\r\n",
                    join(latin(json), bytes));
        }

        private void binary() {
            int size = 4 * VALUES;
            byte[] zeros = new byte[size];
            for (String lie : List.of("0", "-1", "-2", "1", "" + (size - 1), "" + (size + 1), "" + size / 4, "2147483648",
                    "9223372036854775807", "1e99", "1.5", "\"abc\"", "null", "[]", "{}", "true")) {
                add("binary_data_size " + lie.replace("\"", "'"), "400", tensor("input", "FP32", ONE, lie, zeros, ""));
            }
            for (int length : new int[] {0, 1, size - 1, size - 4, size + 1, 2 * size}) {
                add("a tensor of " + length + " bytes", "400",
                        tensor("input", "FP32", ONE, "" + size, new byte[length], ""));
                add("a tensor of " + length + " bytes, as it says", "400",
                        tensor("input", "FP32", ONE, "" + length, new byte[length], ""));
            }
            add("binary and JSON values", "400", tensor("input", "FP32", ONE, "" + size, zeros, ",\"data\":[1]"));
            add("more images than bytes", "400", tensor("input", "FP32", "[8,3,224,224]", "" + size, zeros, ""));
            add("pixels of four bytes", "400", tensor("pixels", "UINT8", ONE, "" + size, zeros, ""));
            for (float value : new float[] {Float.NaN, Float.NEGATIVE_INFINITY, Float.MAX_VALUE}) {
                ByteBuffer buffer = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
                while (buffer.hasRemaining()) {
                    buffer.putFloat(value);
                }
                // What overflows only in the net may be computed, but the answer must be JSON.
                add("a tensor of " + value, value == Float.MAX_VALUE ? "400|200" : "400", tensor("input", "FP32", ONE, "" + size, buffer.array(), ""));
            }
        }

        private void headerLength() {
            byte[] zeros = new byte[VALUES];
            String json = input("\"pixels\"", "\"UINT8\"", ONE, ",\"parameters\":{\"binary_data_size\":" + VALUES + "}");
            byte[] body = join(latin(json), zeros);
            int right = json.length();
            for (String lie : List.of("-1", "abc", "", "0", "1", "1.5", "" + (right - 1), "" + (right + 1), "" + right / 2,
                    "" + body.length, "" + (body.length + 1), "1099511627776", "99999999999999999999", "0x10", "+5")) {
                add("header length " + lie, "400",
                        post(inferPath(), "Inference-Header-Content-Length: " + lie + "\r\n", body));
            }
            add("no header length", "400", post(inferPath(), "", body));
            add("two header lengths", "400|200", post(inferPath(), ("Inference-Header-Content-Length: 5\r\n"
                    + "Inference-Header-Content-Length: " + right + "\r\n"), body));
        }

        private void outputs() {
            String input = data(numbers(VALUES, "1"));
            for (String output : List.of("[{\"name\":\"none\"}]", "[{}]", "[null]", "[5]", "{}", "5", "null",
                    "[{\"name\":\"logits\",\"parameters\":{\"classification\":3}}]", "[{\"name\":null}]", "[{\"name\":{}}]",
                    "[{\"name\":\"logits\",\"parameters\":5}]", "[{\"name\":\"logits\",\"parameters\":{\"binary_data\":[]}}]",
                    "[{\"name\":\"logits\",\"parameters\":{\"binary_data\":{}}}]")) {
                infer("outputs " + output.replace("\"", "'"), "400",
                        input.substring(0, input.length() - 1) + ",\"outputs\":" + output + "}");
            }
        }

        /** A good request with some bytes of its body changed. */
        private void mutant(int number) {
            boolean json = number % 3 == 0;
            byte[] body = json ? latin(data("[1,2]")) : number % 3 == 1 ? jpeg.clone() : png.clone();
            for (int i = 0; i < 1 + random.nextInt(8); i++) {
                body[random.nextInt(body.length)] = (byte) random.nextInt(256);
            }
            String path = json ? inferPath() : "/predict";
            add("mutant " + number, json ? "400" : "200|400|415", post(path, "", body));
        }
    }

    /** Files of images, good and bad. */
    private static final class Files {

        static byte[] encode(int width, int height, String format) throws IOException {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            ImageIO.write(picture(width, height), format, out);
            return out.toByteArray();
        }

        private static BufferedImage picture(int width, int height) {
            Random random = new Random(2);
            BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
            for (int y = 0; y < height; y++) {
                for (int x = 0; x < width; x++) {
                    image.setRGB(x, y, x << 16 ^ y << 8 ^ random.nextInt(64));
                }
            }
            return image;
        }

        static byte[] jpeg(int width, int height, boolean progressive) throws IOException {
            ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
            ImageWriteParam how = writer.getDefaultWriteParam();
            how.setProgressiveMode(
                    progressive ? ImageWriteParam.MODE_DEFAULT : ImageWriteParam.MODE_DISABLED);
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            try (MemoryCacheImageOutputStream stream = new MemoryCacheImageOutputStream(out)) {
                writer.setOutput(stream);
                writer.write(null, new IIOImage(picture(width, height), null, null), how);
            } finally {
                writer.dispose();
            }
            return out.toByteArray();
        }

        /** A PNG whose pixels are so many zeros. */
        static byte[] png(int width, int height, int depth, int colour, int zeros) throws IOException {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            out.writeBytes(new byte[] {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'});
            byte[] head = ByteBuffer.allocate(13).putInt(width).putInt(height)
                    .put((byte) depth).put((byte) colour).array();
            chunk(out, "IHDR", head);
            chunk(out, "IDAT", deflated(zeros));
            chunk(out, "IEND", new byte[0]);
            return out.toByteArray();
        }

        /** A good PNG with a compressed chunk of 300 million zeros before its pixels. */
        static byte[] pngWithBomb(byte[] png, String type) throws IOException {
            String head = type.equals("iTXt") ? "key\0\1\0\0\0" : "key\0\0";
            ByteArrayOutputStream content = new ByteArrayOutputStream();
            content.writeBytes(head.getBytes(StandardCharsets.ISO_8859_1));
            content.writeBytes(deflated(300_000_000));
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            out.write(png, 0, 33);
            chunk(out, type, content.toByteArray());
            out.write(png, 33, png.length - 33);
            return out.toByteArray();
        }

        private static byte[] deflated(int zeros) throws IOException {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            Deflater best = new Deflater(Deflater.BEST_COMPRESSION);
            try (DeflaterOutputStream deflater = new DeflaterOutputStream(out, best)) {
                byte[] block = new byte[1 << 16];
                for (int left = zeros; left > 0; left -= block.length) {
                    deflater.write(block, 0, Math.min(left, block.length));
                }
            } finally {
                best.end();
            }
            return out.toByteArray();
        }

        private static void chunk(ByteArrayOutputStream out, String type, byte[] content)
                throws IOException {
            DataOutputStream data = new DataOutputStream(out);
            byte[] name = type.getBytes(StandardCharsets.US_ASCII);
            CRC32 sum = new CRC32();
            sum.update(name);
            sum.update(content);
            data.writeInt(content.length);
            data.write(name);
            data.write(content);
            data.writeInt((int) sum.getValue());
        }

        /** A GIF whose screen and frame claim another size. */
        static byte[] gif(byte[] gif, int side) {
            byte[] huge = gif.clone();
            ByteBuffer bytes = ByteBuffer.wrap(huge).order(ByteOrder.LITTLE_ENDIAN);
            bytes.putShort(6, (short) side).putShort(8, (short) side);
            int frame = frame(gif);
            bytes.putShort(frame + 5, (short) side).putShort(frame + 7, (short) side);
            return huge;
        }

        private static int frame(byte[] gif) {
            int at = 13 + ((gif[10] & 0x80) == 0 ? 0 : 3 << (gif[10] & 7) + 1);
            while (gif[at] != 0x2C) { // extensions
                at += 2;
                while (gif[at] != 0) {
                    at += 1 + (gif[at] & 255);
                }
                at++;
            }
            return at;
        }

        /** A GIF of one pixel, then frames without end. */
        static byte[] frames(byte[] gif, int count) {
            byte[] frame = {0x2C, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, 0x44, 1, 0};
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            out.write(gif, 0, frame(gif));
            for (int i = 0; i < count; i++) {
                out.writeBytes(frame);
            }
            out.write(0x3B);
            return out.toByteArray();
        }

        /** A JPEG that claims another size in its frame header. */
        static byte[] jpegOf(byte[] jpeg, int side) {
            byte[] huge = jpeg.clone();
            int at = 2;
            while ((huge[at + 1] & 255) < 0xC0 || (huge[at + 1] & 255) > 0xC2) {
                at += 2 + ((huge[at + 2] & 255) << 8 | huge[at + 3] & 255);
            }
            ByteBuffer.wrap(huge).putShort(at + 5, (short) side).putShort(at + 7, (short) side);
            return huge;
        }

        /** A progressive JPEG whose first scan comes again and again: little to send, long to decode. */
        static byte[] scans(byte[] jpeg, int times) {
            int first = scan(jpeg, 2);
            int end = first + 2;
            while (jpeg[end] != (byte) 0xFF || jpeg[end + 1] == 0) {
                end++;
            }
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            out.write(jpeg, 0, end);
            for (int i = 0; i < times && out.size() + 2 * (end - first) < 16_000_000; i++) {
                out.write(jpeg, first, end - first);
            }
            out.write(jpeg, end, Math.max(0, Math.min(jpeg.length - end, 16_000_000 - out.size())));
            return out.toByteArray();
        }

        private static int scan(byte[] jpeg, int from) {
            int at = from;
            while ((jpeg[at + 1] & 255) != 0xDA) {
                at += 2 + ((jpeg[at + 2] & 255) << 8 | jpeg[at + 3] & 255);
            }
            return at;
        }
    }
}
