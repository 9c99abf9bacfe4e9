package org.mobilenetv3.process;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Processes on this host, without Spark. */
final class LocalProcessPool implements ProcessPool {

    private static final Pattern LOCAL = Pattern.compile("local(\\[(\\*|[1-9]\\d{0,3})])?");

    @Override
    public void check(Place place) {
        var unused = cores(place);
    }

    @Override
    public List<Integer> run(List<ChildProcess> children, Place place) throws IOException {
        int side = Math.max(1, cores(place) / place.cores());
        ExecutorService threads = Executors.newFixedThreadPool(side);
        try {
            List<Future<Integer>> codes = new ArrayList<>();
            for (ChildProcess child : children) {
                codes.add(threads.submit(() -> child.run(Map.of(), () -> false)));
            }
            List<Integer> all = new ArrayList<>();
            for (Future<Integer> code : codes) {
                all.add(code.get());
            }
            return all;
        } catch (ExecutionException e) {
            throw new IOException(e.getCause().getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("Interrupted; run the same command again to go on.", e);
        } finally {
            threads.shutdownNow();
        }
    }

    private static int cores(Place place) {
        Matcher local = LOCAL.matcher(place.master());
        if (!local.matches() || !place.settings().isEmpty()) {
            throw new IllegalArgumentException(
                    "%s needs Spark, which is not on the class path; without it there is --master local[*] or local[N], N cores of this host."
                            .formatted(local.matches() ? "--conf" : "--master " + place.master()));
        }
        String count = local.group(2);
        return "*".equals(count)
                ? Runtime.getRuntime().availableProcessors()
                : count == null ? 1 : Integer.parseInt(count);
    }
}
