package hostile;

import hostile.Exchange.Outcome;
import java.net.URI;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Sends an inference server what it must refuse, and holds each answer against what the case
 * expects: the status, JSON, no trace of the inside, in time. Exit status 1 if one is not met.
 *
 * <pre>
 *   javac -d target/bench bench/hostile/*.java
 *   java -cp target/bench hostile.ServeHostile http://127.0.0.1:8080 MODEL
 *
 *   --case REGEX   these cases only, with the answers
 *   --cases N      so many, with good requests in which bytes were changed to fill up (800)
 *   --seconds S    over which they are spread (20); slow ones begin at once and may take longer
 *   --turn         says when the requests are made, and waits for a line on standard input
 *   --json         one line of JSON; what was wrong goes to standard error
 * </pre>
 *
 * MODEL takes RGB images of 224 pixels.
 */
final class ServeHostile {

    private ServeHostile() {}

    public static void main(String[] args) throws Exception {
        List<String> options = List.of(args);
        String only = option(options, "--case", "");
        int count = Integer.parseInt(option(options, "--cases", "800"));
        double seconds = Double.parseDouble(option(options, "--seconds", "20"));
        List<Case> cases = new Cases(args[1]).all(count);
        if (!only.isEmpty()) {
            Pattern wanted = Pattern.compile(only);
            cases = cases.stream().filter(c -> wanted.matcher(c.name()).find()).toList();
            seconds = Math.min(seconds, cases.size() / 25.0);
        }
        if (options.contains("--turn")) {
            System.out.println("ready");
            System.in.read();
        }
        List<Outcome> outcomes = run(new Exchange(URI.create(args[0])), cases, seconds);
        boolean json = options.contains("--json");
        outcomes.stream()
                .filter(o -> !o.complaint().isEmpty() || !only.isEmpty())
                .forEach(o -> (json ? System.err : System.out).println(line(o, !only.isEmpty())));
        System.out.println(summary(outcomes, json));
        System.exit(outcomes.stream().allMatch(o -> o.complaint().isEmpty()) ? 0 : 1);
    }

    private static String option(List<String> options, String name, String otherwise) {
        int at = options.indexOf(name);
        return at < 0 ? otherwise : options.get(at + 1);
    }

    private static String line(Outcome outcome, boolean all) {
        String verdict = outcome.complaint().isEmpty() ? "ok" : "WRONG: " + outcome.complaint();
        return "%s: expected %s, saw %s after %d ms; %s%s"
                .formatted(
                        outcome.what().name(),
                        outcome.what().expected(),
                        outcome.seen(),
                        outcome.milliseconds(),
                        verdict,
                        all ? "\n" + outcome.all() : "");
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
        List<Outcome> wrong = outcomes.stream().filter(o -> !o.complaint().isEmpty()).toList();
        String names =
                wrong.stream()
                        .map(o -> "\"" + o.what().name() + "\"")
                        .collect(Collectors.joining(", ", "[", "]"));
        return json
                ? "{\"cases\": %d, \"wrong\": %d, \"statuses\": %s, \"names\": %s}"
                        .formatted(outcomes.size(), wrong.size(), statuses, names)
                : "%d cases, %d wrong; answers: %s"
                        .formatted(outcomes.size(), wrong.size(), statuses);
    }

    private static List<Outcome> run(Exchange exchange, List<Case> cases, double seconds)
            throws Exception {
        List<Future<Outcome>> running = new ArrayList<>();
        ExecutorService threads = Executors.newCachedThreadPool(Exchange::daemon);
        for (Case slow : cases.stream().filter(c -> c.slow()).toList()) {
            running.add(threads.submit(() -> exchange.insist(slow)));
        }
        List<Case> fast = new ArrayList<>(cases.stream().filter(c -> !c.slow()).toList());
        Collections.shuffle(fast, new Random(0));
        long start = System.nanoTime();
        for (int i = 0; i < fast.size(); i++) {
            Case next = fast.get(i);
            long due = start + (long) (seconds * 1e9 * i / fast.size());
            Thread.sleep(Math.max(0, (due - System.nanoTime()) / 1_000_000));
            running.add(threads.submit(() -> exchange.insist(next)));
        }
        List<Outcome> outcomes = new ArrayList<>();
        for (Future<Outcome> one : running) {
            outcomes.add(one.get());
        }
        return outcomes;
    }
}
