package org.mobilenetv3.serve.http;

import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Timer;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.function.IntConsumer;

/** The metrics that Prometheus reads at {@code /metrics}. */
final class Metrics {

    private static final Duration[] BUCKETS = {
        Duration.ofMillis(1),
        Duration.ofMillis(2),
        Duration.ofMillis(5),
        Duration.ofMillis(10),
        Duration.ofMillis(20),
        Duration.ofMillis(50),
        Duration.ofMillis(100),
        Duration.ofMillis(200),
        Duration.ofMillis(500),
        Duration.ofSeconds(1),
        Duration.ofSeconds(5)
    };

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
