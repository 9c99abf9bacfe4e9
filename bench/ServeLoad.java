import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.ProtocolException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Loads an inference server and tells what it bears; bench/serve.py says what for. JDK only.
 *
 * <pre>
 *   java bench/ServeLoad.java http://127.0.0.1:8080/predict --body photo.jpg [--body ...]
 *   java bench/ServeLoad.java http://127.0.0.1:8080/v2/models/NAME/infer --tensor UINT8
 *
 *   --seconds S      how long (10), after --warmup S (1), which is not counted
 *   --concurrency N  connections (32). Closed loop: each sends when it has its last answer
 *   --rate R         open loop: R requests a second whatever the answers; latency counts from the
 *                    moment when a request was due. Give it connections enough; see "late"
 *   --tensor TYPE    binary tensors, UINT8 (pixels) or FP32 (input), of --shape (1,3,224,224)
 *   --until FILE     ends before --seconds when FILE exists
 *   --leave          a connection ends for good at a 503, or when nobody listens any more
 *   --probe          times single requests before, and after the load until they are fast again
 *   --json           one line of JSON
 * </pre>
 */
class ServeLoad {

    private static final int TIMEOUT_MILLISECONDS = 30_000;
    private static final Pattern VERSION =
            Pattern.compile("\"(?:model_)?version\"\\s*:\\s*\"([^\"]*)\"");
    private static final Pattern SUBNET = Pattern.compile("\"subnet\"\\s*:\\s*\"([^\"]*)\"");
    private static final Pattern LIKELIEST =
            Pattern.compile("\"probability\"\\s*:\\s*([0-9.eE+-]+)");

    private final Options options;
    private final List<byte[]> requests;
    private final AtomicLong tickets = new AtomicLong();
    private final Map<String, Double> firstAnswers = new ConcurrentHashMap<>();
    private volatile boolean ended;
    private volatile long until;
    private long from;

    ServeLoad(Options options) throws IOException {
        this.options = options;
        this.requests = options.requests();
    }

    public static void main(String[] args) throws Exception {
        Options options = Options.of(args);
        Map<String, Object> result = new ServeLoad(options).run();
        if (options.has("--json")) {
            System.out.println(json(result));
        } else {
            result.forEach((name, value) -> System.out.printf("%-16s %s%n", name, value));
        }
    }

    private Map<String, Object> run() throws Exception {
        double usual = options.has("--probe") ? usualMilliseconds() : 0;
        long start = System.nanoTime();
        from = start + (long) (options.number("--warmup", 1) * 1e9);
        until = from + (long) (options.number("--seconds", 10) * 1e9);
        List<Worker> workers = new ArrayList<>();
        for (int i = 0; i < options.number("--concurrency", 32); i++) {
            workers.add(new Worker(i, start));
        }
        workers.forEach(Thread::start);
        String stop = options.one("--until", "");
        while (System.nanoTime() < until
                && workers.stream().anyMatch(Thread::isAlive)
                && (stop.isEmpty() || !Files.exists(Path.of(stop)))) {
            Thread.sleep(10);
        }
        ended = true;
        until = Math.min(until, System.nanoTime());
        workers.forEach(LockSupport::unpark); // those whose next request is not due yet
        double recovered = options.has("--probe") ? recoveredMilliseconds(usual) : 0;
        for (Worker worker : workers) {
            worker.join(TIMEOUT_MILLISECONDS + 5000L);
            worker.disconnect(); // from a server that neither reads nor answers
            worker.join();
        }
        Map<String, Object> result = summary(workers);
        if (options.has("--probe")) {
            result.put("probe_ms", usual);
            result.put("recovered_ms", recovered);
        }
        return result;
    }

    private Map<String, Object> summary(List<Worker> workers) {
        double seconds = (until - from) / 1e9;
        long[] latencies = workers.stream().flatMapToLong(w -> w.good.stream()).sorted().toArray();
        Map<String, Long> counts = new TreeMap<>();
        Map<String, Long> versions = new TreeMap<>();
        Map<String, Long> errors = new TreeMap<>();
        for (Worker worker : workers) {
            worker.counts.forEach((name, count) -> counts.merge(name, count, Long::sum));
            worker.versions.forEach((name, count) -> versions.merge(name, count, Long::sum));
            worker.errors.forEach((name, count) -> errors.merge(name, count, Long::sum));
        }
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("seconds", seconds);
        result.put("per_second", workers.stream().mapToLong(w -> w.inTime).sum() / seconds);
        result.put("sent", counts.values().stream().mapToLong(n -> n).sum());
        result.put("counts", counts);
        for (int percent : new int[] {50, 90, 99}) {
            result.put("p" + percent + "_ms", quantile(latencies, percent / 100.0));
        }
        result.put("max_ms", quantile(latencies, 1));
        result.put("versions", versions);
        result.put("errors", errors);
        // How far the client itself lagged behind an open loop's plan.
        result.put("late_ms", workers.stream().mapToLong(w -> w.late).max().orElse(0) / 1e6);
        ProcessHandle.Info self = ProcessHandle.current().info();
        self.totalCpuDuration().ifPresent(cpu -> result.put("client_cpu_s", cpu.toMillis() / 1e3));
        return result;
    }

    private static double quantile(long[] sorted, double share) {
        int at = (int) Math.ceil(share * sorted.length) - 1;
        return sorted.length == 0 ? 0 : sorted[Math.max(0, at)] / 1e6;
    }

    private static String json(Object value) {
        if (value instanceof Map<?, ?> map) {
            return map.entrySet().stream()
                    .map(e -> "\"%s\": %s".formatted(escaped(e.getKey()), json(e.getValue())))
                    .collect(Collectors.joining(", ", "{", "}"));
        }
        return value instanceof Double ? "%.3f".formatted(value) : value.toString();
    }

    private static String escaped(Object text) {
        return text.toString().replaceAll("[\"\\\\\\p{Cntrl}]", "'");
    }

    private double usualMilliseconds() throws IOException {
        double[] took = new double[40];
        try (Connection connection = new Connection(options.uri())) {
            for (int i = 0; i < took.length; i++) {
                took[i] = probe(connection);
            }
        }
        double[] warm = Arrays.copyOfRange(took, took.length / 2, took.length);
        Arrays.sort(warm);
        return warm[warm.length / 2];
    }

    /**
     * Time after the load's end of the first answer that took at most twice the usual and 20 ms.
     */
    private double recoveredMilliseconds(double usual) {
        while (System.nanoTime() - until < TIMEOUT_MILLISECONDS * 1_000_000L) {
            try (Connection connection = new Connection(options.uri())) {
                if (probe(connection) <= 2 * usual + 20) {
                    return (System.nanoTime() - until) / 1e6;
                }
            } catch (IOException e) {
                // Not yet.
            }
            LockSupport.parkNanos(5_000_000);
        }
        return TIMEOUT_MILLISECONDS;
    }

    private double probe(Connection connection) throws IOException {
        long sent = System.nanoTime();
        Reply reply = connection.ask(requests.get(0));
        return reply.status == 200 ? (System.nanoTime() - sent) / 1e6 : Double.MAX_VALUE;
    }

    /** One connection, made again when it was closed, and what it has seen. */
    private final class Worker extends Thread {
        final Map<String, Long> counts = new TreeMap<>();
        final Map<String, Long> versions = new TreeMap<>();
        final Map<String, Long> errors = new TreeMap<>();
        final Latencies good = new Latencies();
        long inTime;
        long late;
        private final int number;
        private final long start;
        private volatile Connection connection;
        private boolean left;

        Worker(int number, long start) {
            super("connection " + number);
            setDaemon(true);
            this.number = number;
            this.start = start;
        }

        @Override
        public void run() {
            double rate = options.number("--rate", 0);
            while (!ended && !left) {
                long ticket = tickets.getAndIncrement();
                long due = System.nanoTime();
                if (rate > 0) {
                    due = start + (long) (ticket / rate * 1e9);
                    if (!sleepUntil(due)) {
                        break;
                    }
                    late = Math.max(late, System.nanoTime() - due);
                }
                note(send((int) (ticket % requests.size())), due);
            }
            disconnect();
        }

        private boolean sleepUntil(long due) {
            while (!ended && System.nanoTime() < due) {
                LockSupport.parkNanos(due - System.nanoTime());
            }
            return !ended;
        }

        private String send(int which) {
            boolean used = false;
            try {
                if (connection == null || connection.isClosedByPeer()) {
                    disconnect();
                    connection = new Connection(options.uri());
                }
                used = connection.answered;
                Reply reply = connection.ask(requests.get(which));
                left = options.has("--leave") && reply.status == 503;
                if (reply.close) {
                    disconnect();
                }
                return reply.status == 200 ? check(which, reply) : reply.status + "";
            } catch (ConnectException e) {
                left = options.has("--leave");
                LockSupport.parkNanos(5_000_000);
                return "refused";
            } catch (IOException e) {
                disconnect();
                String outcome = used ? "dropped" : "dropped when new"; // maybe never accepted
                errors.merge(outcome + ": " + e.getMessage(), 1L, Long::sum);
                return outcome;
            }
        }

        /** The same image must get the same answer of the same net, whatever its batch. */
        private String check(int which, Reply reply) {
            Matcher version = VERSION.matcher(reply.json());
            Matcher likeliest = LIKELIEST.matcher(reply.json());
            boolean binary = reply.jsonLength >= 0 && reply.body.length >= reply.jsonLength + 4;
            if (!version.find() || !binary && !likeliest.find()) {
                return "200 but not understood";
            }
            ByteBuffer body = ByteBuffer.wrap(reply.body).order(ByteOrder.LITTLE_ENDIAN);
            double number =
                    binary
                            ? body.getFloat(reply.jsonLength)
                            : Double.parseDouble(likeliest.group(1));
            Matcher subnet = SUBNET.matcher(reply.json());
            String net = version.group(1) + (subnet.find() ? " " + subnet.group(1) : "");
            versions.merge(net, 1L, Long::sum);
            Double first = firstAnswers.putIfAbsent(which + " " + net, number);
            boolean same = first == null || Math.abs(first - number) <= 1e-3 * Math.abs(first);
            return same ? "200" : "200 but another answer";
        }

        private void note(String outcome, long due) {
            long now = System.nanoTime();
            if (outcome.equals("200") && now >= from && !(ended && now > until)) {
                inTime++;
            }
            if (due >= from) {
                counts.merge(outcome, 1L, Long::sum);
                if (outcome.equals("200")) {
                    good.add(now - due);
                }
            }
        }

        void disconnect() {
            Connection open = connection;
            connection = null;
            if (open != null) {
                open.close();
            }
        }
    }

    /** Nanoseconds, unboxed. */
    private static final class Latencies {
        private long[] values = new long[1024];
        private int count;

        void add(long value) {
            if (count == values.length) {
                values = Arrays.copyOf(values, 2 * count);
            }
            values[count++] = value;
        }

        java.util.stream.LongStream stream() {
            return Arrays.stream(values, 0, count);
        }
    }

    /** An HTTP reply; jsonLength is -1 if no binary tensor follows the JSON. */
    private record Reply(int status, boolean close, int jsonLength, byte[] body) {
        String json() {
            int length = jsonLength >= 0 ? Math.min(jsonLength, body.length) : body.length;
            return new String(body, 0, length, StandardCharsets.UTF_8);
        }
    }

    /** HTTP/1.1 with keep-alive over a socket. */
    private static final class Connection implements AutoCloseable {
        boolean answered;
        private final SocketChannel channel;
        private final InputStream in;

        Connection(URI uri) throws IOException {
            channel = SocketChannel.open(new InetSocketAddress(uri.getHost(), uri.getPort()));
            channel.socket().setTcpNoDelay(true);
            channel.socket().setSoTimeout(TIMEOUT_MILLISECONDS);
            in = new BufferedInputStream(channel.socket().getInputStream(), 16384);
        }

        /** Whether the peer has said that it is done, before anything is sent in vain. */
        boolean isClosedByPeer() throws IOException {
            channel.configureBlocking(false);
            try {
                return channel.read(ByteBuffer.allocate(1)) != 0;
            } catch (IOException e) {
                return true;
            } finally {
                channel.configureBlocking(true);
            }
        }

        Reply ask(byte[] request) throws IOException {
            IOException broken = null;
            try {
                ByteBuffer all = ByteBuffer.wrap(request);
                while (all.hasRemaining()) {
                    channel.write(all);
                }
            } catch (IOException e) {
                broken = e; // refused before it was read whole: the answer may be there
            }
            long sent = System.nanoTime();
            try {
                Reply reply = read();
                answered = true;
                return reply;
            } catch (IOException e) {
                // A few milliseconds say that the peer closed while the request was on its way.
                long milliseconds = (System.nanoTime() - sent) / 1_000_000;
                String first = (broken != null ? broken : e).toString();
                throw new IOException(first + " %d ms after the request".formatted(milliseconds));
            }
        }

        private Reply read() throws IOException {
            String[] first = line().split(" ", 3);
            if (first.length < 2 || !first[0].startsWith("HTTP/1.")) {
                throw new ProtocolException("The reply begins with " + Arrays.toString(first));
            }
            boolean close = first[0].equals("HTTP/1.0");
            boolean chunked = false;
            int length = -1;
            int jsonLength = -1;
            for (String line = line(); !line.isEmpty(); line = line()) {
                String value = line.substring(line.indexOf(':') + 1).strip();
                switch (line.substring(0, Math.max(0, line.indexOf(':'))).toLowerCase()) {
                    case "content-length" -> length = Integer.parseInt(value);
                    case "transfer-encoding" -> chunked = value.equalsIgnoreCase("chunked");
                    case "connection" -> close |= value.equalsIgnoreCase("close");
                    case "inference-header-content-length" -> jsonLength = Integer.parseInt(value);
                    default -> {}
                }
            }
            byte[] body = chunked ? chunks() : length >= 0 ? exactly(length) : in.readAllBytes();
            return new Reply(
                    Integer.parseInt(first[1]), close || !chunked && length < 0, jsonLength, body);
        }

        private byte[] chunks() throws IOException {
            ByteArrayOutputStream body = new ByteArrayOutputStream();
            int size = Integer.parseInt(line().split(";")[0].strip(), 16);
            while (size > 0) {
                body.write(exactly(size));
                line();
                size = Integer.parseInt(line().split(";")[0].strip(), 16);
            }
            while (!line().isEmpty()) {
                // A trailer.
            }
            return body.toByteArray();
        }

        private byte[] exactly(int length) throws IOException {
            byte[] bytes = in.readNBytes(length);
            if (bytes.length < length) {
                throw new EOFException(
                        "The reply ended after %d of %d bytes.".formatted(bytes.length, length));
            }
            return bytes;
        }

        private String line() throws IOException {
            StringBuilder line = new StringBuilder();
            for (int c = in.read(); c != '\n'; c = in.read()) {
                if (c < 0) {
                    throw new EOFException("The connection ended in the head of a reply.");
                }
                line.append((char) c);
            }
            return line.toString().stripTrailing();
        }

        @Override
        public void close() {
            try {
                channel.close();
            } catch (IOException e) {
                // It is gone in any case.
            }
        }
    }

    /** What the command line says. */
    private record Options(URI uri, Map<String, List<String>> values) {

        static Options of(String[] args) {
            Map<String, List<String>> values = new LinkedHashMap<>();
            for (int i = 1; i < args.length; i++) {
                List<String> one = values.computeIfAbsent(args[i], name -> new ArrayList<>());
                if (!List.of("--leave", "--probe", "--json").contains(args[i])) {
                    one.add(args[++i]);
                }
            }
            return new Options(URI.create(args[0]), values);
        }

        boolean has(String name) {
            return values.containsKey(name);
        }

        String one(String name, String otherwise) {
            return has(name) ? values.get(name).get(0) : otherwise;
        }

        double number(String name, double otherwise) {
            return has(name) ? Double.parseDouble(one(name, "")) : otherwise;
        }

        List<byte[]> requests() throws IOException {
            List<byte[]> requests = new ArrayList<>();
            for (String file : values.getOrDefault("--body", List.of())) {
                requests.add(request("", Files.readAllBytes(Path.of(file))));
            }
            for (int seed = 0; has("--tensor") && seed < 8; seed++) {
                requests.add(tensor(one("--tensor", ""), seed));
            }
            if (requests.isEmpty()) {
                throw new IllegalArgumentException("Give --body FILE or --tensor UINT8 or FP32.");
            }
            return requests;
        }

        private byte[] tensor(String type, int seed) {
            String shape = one("--shape", "1,3,224,224");
            int count =
                    Arrays.stream(shape.split(","))
                            .mapToInt(Integer::parseInt)
                            .reduce(1, Math::multiplyExact);
            boolean bytes = type.equals("UINT8");
            int size = bytes ? count : 4 * count;
            String json =
                    """
                    {"inputs":[{"name":"%s","datatype":"%s","shape":[%s],
                    "parameters":{"binary_data_size":%d}}],
                    "parameters":{"binary_data_output":true}}\
                    """
                            .formatted(bytes ? "pixels" : "input", type, shape, size);
            ByteBuffer body =
                    ByteBuffer.allocate(json.length() + size).order(ByteOrder.LITTLE_ENDIAN);
            body.put(json.getBytes(StandardCharsets.US_ASCII));
            Random random = new Random(seed);
            int brightness = 16 + 24 * seed; // noise alone would look the same to the net
            for (int i = 0; i < count; i++) {
                int pixel = brightness + random.nextInt(48);
                if (bytes) {
                    body.put((byte) pixel);
                } else {
                    body.putFloat(pixel / 255f);
                }
            }
            return request(
                    "Inference-Header-Content-Length: %d\r\n".formatted(json.length()),
                    body.array());
        }

        private byte[] request(String header, byte[] body) {
            String path = uri.getRawPath() + (uri.getQuery() == null ? "" : "?" + uri.getQuery());
            String head =
                    ("POST %s HTTP/1.1\r\nHost: %s\r\nContent-Type: application/octet-stream\r\n"
                                    + "Content-Length: %d\r\n%s\r\n")
                            .formatted(path, uri.getAuthority(), body.length, header);
            ByteBuffer all = ByteBuffer.allocate(head.length() + body.length);
            all.put(head.getBytes(StandardCharsets.ISO_8859_1)).put(body);
            return all.array();
        }
    }
}
