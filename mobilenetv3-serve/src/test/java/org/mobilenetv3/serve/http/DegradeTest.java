package org.mobilenetv3.serve.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.mobilenetv3.serve.ElasticTestPackage;
import org.mobilenetv3.serve.http.ServeSettings.Batching;
import org.mobilenetv3.trained.GraphNet;
import org.mobilenetv3.trained.NetEngine;
import org.mobilenetv3.trained.PackageNet;
import org.mobilenetv3.trained.TrainedNet;

class DegradeTest {

    private static final String GRAY =
            "{\"inputs\":[{\"name\":\"input\",\"datatype\":\"FP32\",\"shape\":[1,3,32,32],\"data\":[0.5%s]}]}"
                    .formatted(",0.5".repeat(3 * 32 * 32 - 1));

    @TempDir private Path temporary;
    private Path elastic;

    @BeforeEach
    void save() throws IOException {
        elastic = ElasticTestPackage.save(temporary.resolve("elastic"));
    }

    private static TrainedNet open(NetEngine engine, Path path) throws IOException {
        return engine == NetEngine.VECTOR
                ? GraphNet.open(path, 1)
                : PackageNet.open(path, Device.cpu());
    }

    /** What the same nets answer that were saved alone. */
    private Map<String, float[]> expected(NetEngine engine) throws IOException {
        Map<String, float[]> logits = new HashMap<>();
        for (String name : List.of("whole", "half", "quarter")) {
            Path alone = temporary.resolve("alone-" + name);
            ElasticTestPackage.alone(elastic, name, alone);
            try (TrainedNet net = open(engine, alone)) {
                logits.put(name, ElasticTestPackage.logits(net));
            }
        }
        assertThat(logits.values().stream().map(Arrays::toString).distinct()).hasSize(3);
        return logits;
    }

    private static float[] logits(JsonObject answer) {
        JsonArray data =
                answer.getAsJsonArray("outputs").get(0).getAsJsonObject().getAsJsonArray("data");
        float[] values = new float[data.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = data.get(i).getAsFloat();
        }
        return values;
    }

    @ParameterizedTest
    @EnumSource(
            value = NetEngine.class,
            names = {"VECTOR", "TORCH"})
    void aSubnetIsServedBitForBitAsTheSameNetSavedAlone(NetEngine engine) throws Exception {
        Map<String, float[]> expected = expected(engine);
        Map<String, Path> models = new HashMap<>();
        expected.keySet().forEach(name -> models.put(name, ElasticTestPackage.path(elastic, name)));
        try (TestServer server = TestServer.start(models, setup -> setup.with(engine))) {
            for (String name : models.keySet()) {
                HttpResponse<byte[]> reply = server.post("/v2/models/" + name + "/infer", GRAY);
                assertThat(reply.headers().firstValue("X-Subnet")).isEmpty();
                JsonObject answer = TestServer.json(reply);
                assertThat(answer.has("parameters")).isFalse();
                assertThat(logits(answer)).isEqualTo(expected.get(name));
            }
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = NetEngine.class,
            names = {"VECTOR", "TORCH"})
    @Timeout(120)
    void aLongQueueIsAnsweredByCheaperNetsAndACalmOneByTheLargest(NetEngine engine)
            throws Exception {
        Map<String, float[]> expected = expected(engine);
        // Whatever waits, waits too long.
        Degrade degrade = new Degrade(List.of(), Duration.ofNanos(1));
        try (TestServer server =
                TestServer.start(
                        Map.of("net", elastic),
                        setup ->
                                setup.with(engine)
                                        .with(new Batching(64, 1, Duration.ZERO))
                                        .with(degrade))) {
            Set<String> seen = new HashSet<>();
            int requests = 0;
            while (!seen.containsAll(Set.of("half", "quarter"))) {
                List<CompletableFuture<HttpResponse<String>>> replies = new ArrayList<>();
                for (int i = 0; i < 48; i++) {
                    replies.add(
                            server.client()
                                    .sendAsync(
                                            server.request("/v2/models/net/infer")
                                                    .POST(BodyPublishers.ofString(GRAY))
                                                    .build(),
                                            BodyHandlers.ofString()));
                }
                for (CompletableFuture<HttpResponse<String>> one : replies) {
                    HttpResponse<String> reply = one.join();
                    assertThat(reply.statusCode()).isEqualTo(200);
                    String subnet = reply.headers().firstValue("X-Subnet").orElseThrow();
                    JsonObject answer = JsonParser.parseString(reply.body()).getAsJsonObject();
                    assertThat(answer.getAsJsonObject("parameters").get("subnet").getAsString())
                            .isEqualTo(subnet);
                    assertThat(logits(answer)).isEqualTo(expected.get(subnet));
                    seen.add(subnet);
                }
                requests += replies.size();
            }
            String last = "quarter";
            while (!last.equals("whole")) { // calm for a second for each step
                Thread.sleep(20);
                HttpResponse<byte[]> reply =
                        server.post("/predict?top_k=1", TestServer.image("png", 32, 32));
                JsonObject answer = TestServer.json(reply);
                last = answer.get("subnet").getAsString();
                assertThat(reply.headers().firstValue("X-Subnet")).hasValue(last);
                requests++;
            }
            double answers = 0;
            for (String name : expected.keySet()) {
                double own =
                        server.metric(
                                "mobilenetv3_answers_total{model=\"net\",subnet=\"" + name + "\"}");
                assertThat(own).isPositive();
                answers += own;
            }
            assertThat(answers).isEqualTo(requests);
            assertThat(server.metric("mobilenetv3_degrade_level{model=\"net\"}")).isZero();
        }
    }

    @Test
    void withoutDegradeAnswersSayNothingOfSubnets() throws Exception {
        try (TestServer server = TestServer.start(elastic)) {
            HttpResponse<byte[]> reply = server.post("/predict", TestServer.image("png", 32, 32));
            assertThat(reply.statusCode()).isEqualTo(200);
            assertThat(reply.headers().firstValue("X-Subnet")).isEmpty();
            assertThat(TestServer.text(reply)).doesNotContain("subnet");
            assertThat(TestServer.text(server.get("/metrics"))).doesNotContain("degrade");
        }
    }

    @Test
    void subnetsOfAnotherInputSizeAreLeftOutOrRefused() throws IOException {
        Path mixed = ElasticTestPackage.save(temporary.resolve("mixed"), 48);
        Duration target = Duration.ofMillis(50);
        new Degrade(List.of(), target).check(List.of(mixed));
        assertThatThrownBy(() -> new Degrade(List.of("quarter"), target).check(List.of(mixed)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("--degrade cannot use quarter (");
        assertThatThrownBy(() -> new Degrade(List.of("none"), target).check(List.of(elastic)))
                .hasMessageContaining("has no subnet 'none'; it has quarter (");
        Path plain = ElasticTestPackage.alone(elastic, "half", temporary.resolve("plain"));
        assertThatThrownBy(() -> new Degrade(List.of(), target).check(List.of(plain)))
                .hasMessageContaining("--degrade needs an elastic package");
        assertThatThrownBy(
                        () ->
                                new Degrade(List.of(), target)
                                        .check(List.of(ElasticTestPackage.path(elastic, "half"))))
                .hasMessageContaining("--degrade needs an elastic package");
    }
}
