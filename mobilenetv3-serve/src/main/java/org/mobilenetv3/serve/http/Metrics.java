package org.mobilenetv3.serve.http;

import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Timer;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.IntConsumer;
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

    IntConsumer batchSizes(String model) {
        DistributionSummary sizes =
                DistributionSummary.builder("mobilenetv3.batch.size")
                        .description("Images in a batch that the net computed.")
                        .tag("model", model)
                        .serviceLevelObjectives(1, 2, 4, 8, 16, 32, 64)
                        .register(registry);
        return sizes::record;
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
