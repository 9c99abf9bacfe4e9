package hostile;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** Runs a case on a connection of its own and judges the answers. */
final class Exchange {

    private static final int USUAL_MILLISECONDS = 15_000;
    private static final int SLOW_MILLISECONDS = 90_000;
    private static final Pattern INSIDE =
            Pattern.compile(
                    "\\tat |Exception|Caused by|\\.java\\b|\\bjava\\.|\\borg\\.[a-z]|jetty|javalin"
                            + "|/(tmp|home|root|work|usr|var|etc)/",
                    Pattern.CASE_INSENSITIVE);
    private static final Pattern ERROR =
            Pattern.compile("\\{\"error\":\"([^\"\\\\]|\\\\.)+\"\\}", Pattern.DOTALL);

    /**
     * What came of a case.
     *
     * @param what the case
     * @param seen its statuses, as in {@link Case#expected}
     * @param milliseconds it took
     * @param complaint what was wrong, or nothing
     * @param all heads and bodies
     */
    record Outcome(Case what, String seen, long milliseconds, String complaint, String all) {}

    private record Reply(int status, String head, String body, boolean last) {}

    private final URI server;

    Exchange(URI server) {
        this.server = server;
    }

    /** A server that is full may say so to anybody; what it was to see, it sees later. */
    Outcome insist(Case what) throws InterruptedException {
        Outcome outcome = attempt(what);
        for (int i = 0; i < 20 && outcome.seen().matches("(.* )?(429|503)( .*)?"); i++) {
            Thread.sleep(250);
            outcome = attempt(what);
        }
        return outcome;
    }

    private Outcome attempt(Case what) {
        long start = System.nanoTime();
        int patience = what.slow() ? SLOW_MILLISECONDS : USUAL_MILLISECONDS;
        List<String> seen = new ArrayList<>();
        StringBuilder all = new StringBuilder();
        String complaint = "";
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(server.getHost(), server.getPort()), 5000);
            Thread sender = daemon(() -> send(socket, what.steps()));
            sender.start();
            boolean head = what.name().contains("HEAD");
            InputStream in = socket.getInputStream();
            String[] wanted = what.expected().split(" then ");
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
            if (!what.expected().endsWith("|nothing")) {
                complaint += "no answer in %d ms; ".formatted(patience);
            }
        } catch (IOException | RuntimeException e) {
            seen.add("broken");
            complaint += e + "; ";
        }
        if (what.expected().equals("none")) {
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

    private static void send(Socket socket, List<Case.Step> steps) {
        try {
            OutputStream out = socket.getOutputStream();
            for (Case.Step step : steps) {
                if (step instanceof Case.Step.Send send) {
                    out.write(send.bytes());
                } else if (step instanceof Case.Step.Repeat repeat) {
                    while (!socket.isClosed()) {
                        out.write(repeat.bytes());
                        Thread.sleep(repeat.pauseMilliseconds());
                    }
                } else if (step instanceof Case.Step.HalfClose) {
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
        return new Reply(status, head.toString(), new String(body, StandardCharsets.UTF_8), last);
    }

    static Thread daemon(Runnable work) {
        Thread thread = new Thread(work);
        thread.setDaemon(true);
        return thread;
    }
}
