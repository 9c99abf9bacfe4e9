package org.mobilenetv3.serve.http;

import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Timer;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
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

    /** Counts a request; the route is a pattern, so that there are few. */
    void request(String route, int status, long nanos) {
        Timer.builder("mobilenetv3.request.duration")
                .description("Time from a request's arrival to its answer.")
                .tag("route", route)
                .tag("status", Integer.toString(status))
                .serviceLevelObjectives(BUCKETS)
                .register(registry)
                .record(Duration.ofNanos(nanos));
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
