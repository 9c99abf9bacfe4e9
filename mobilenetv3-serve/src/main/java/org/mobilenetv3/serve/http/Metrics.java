package org.mobilenetv3.serve.http;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Timer;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

/** The metrics that Prometheus reads at {@code /metrics}. */
final class Metrics {

    private static final Duration[] BUCKETS =
            IntStream.of(1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 5000)
                    .mapToObj(Duration::ofMillis)
                    .toArray(Duration[]::new);

    private final PrometheusMeterRegistry registry =
            new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);

    /** By kind, since the registry takes long to find a timer. */
    private final Map<Kind, Timer> timers = new ConcurrentHashMap<>();

    /** By model and subnet. */
    private final Map<String, Counter> answers = new ConcurrentHashMap<>();

    private record Kind(String route, int status) {}

    /** Counts a request; the route is a pattern, so that there are few. */
    void request(String route, int status, long nanos) {
        timers.computeIfAbsent(new Kind(route, status), this::timer)
                .record(nanos, TimeUnit.NANOSECONDS);
    }

    private Timer timer(Kind kind) {
        return Timer.builder("mobilenetv3.request.duration")
                .description("Time from a request's arrival to its answer.")
                .tag("route", kind.route())
                .tag("status", Integer.toString(kind.status()))
                .serviceLevelObjectives(BUCKETS)
                .register(registry);
    }

    Batcher.Listener batches(String model) {
        DistributionSummary sizes =
                DistributionSummary.builder("mobilenetv3.batch.size")
                        .description("Images in a batch that the net computed.")
                        .tag("model", model)
                        .serviceLevelObjectives(1, 2, 4, 8, 16, 32, 64)
                        .register(registry);
        return (images, requests, subnet) -> {
            sizes.record(images);
            if (subnet != null) {
                answers.computeIfAbsent(model + "/" + subnet, key -> answers(model, subnet))
                        .increment(requests);
            }
        };
    }

    private Counter answers(String model, String subnet) {
        return Counter.builder("mobilenetv3.answers")
                .description("Requests that each net of an elastic package has answered.")
                .tag("model", model)
                .tag("subnet", subnet)
                .register(registry);
    }

    void level(ServedModel model) {
        Gauge.builder("mobilenetv3.degrade.level", model, ServedModel::level)
                .description("Which net computes the next batch: 0 is the largest.")
                .tag("model", model.name())
                .register(registry);
    }

    void inFlight(ServedModel model) {
        Gauge.builder("mobilenetv3.requests.in.flight", model, ServedModel::inFlight)
                .description(
                        "Requests with a place in the model's queue, waiting or being computed.")
                .tag("model", model.name())
                .register(registry);
    }

    String text() {
        return registry.scrape();
    }
}
