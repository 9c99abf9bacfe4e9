package org.mobilenetv3.serve.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Collections;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.mobilenetv3.serve.TestPackage;

class ReloadTest {

    @TempDir private Path temporary;

    @Test
    @Timeout(60)
    void aReplacedPackageIsTakenUnderLoadWithoutALostRequestAndABrokenOneIsNot() throws Exception {
        Path first = TestPackage.save(temporary.resolve("first"), 3);
        Path model = Files.createSymbolicLink(temporary.resolve("net"), first);
        Set<String> answers = Collections.newSetFromMap(new ConcurrentHashMap<>());
        AtomicInteger failures = new AtomicInteger();
        AtomicBoolean stop = new AtomicBoolean();
        try (TestServer server = TestServer.start(model)) {
            Thread load = new Thread(() -> hammer(server.port(), stop, answers, failures));
            load.start();
            Path next = temporary.resolve("next");
            Files.createSymbolicLink(next, TestPackage.save(temporary.resolve("second"), 3));
            Files.move(next, model, StandardCopyOption.ATOMIC_MOVE);
            while (answers.size() < 2 && failures.get() == 0) {
                Thread.sleep(10);
            }
            // A broken package: it is read in vain, and the second one goes on.
            Files.writeString(model.resolve("model.json"), "{}");
            Thread.sleep(500);
            stop.set(true);
            load.join();
            assertThat(failures).hasValue(0);
            assertThat(answers).hasSize(2);
        }
    }

    private static void hammer(
            int port, AtomicBoolean stop, Set<String> answers, AtomicInteger failures) {
        HttpClient client = HttpClient.newHttpClient();
        String body =
                "{\"inputs\":[{\"name\":\"input\",\"datatype\":\"FP32\",\"shape\":[1,3,32,32],\"data\":[0.5%s]}]}"
                        .formatted(",0.5".repeat(3 * 32 * 32 - 1));
        HttpRequest request =
                HttpRequest.newBuilder(
                                URI.create("http://127.0.0.1:" + port + "/v2/models/net/infer"))
                        .POST(BodyPublishers.ofString(body))
                        .build();
        while (!stop.get()) {
            try {
                var reply = client.send(request, BodyHandlers.ofString());
                if (reply.statusCode() == 200) {
                    answers.add(reply.body().split("\"outputs\"", 2)[0]);
                } else {
                    failures.incrementAndGet();
                }
            } catch (Exception e) {
                failures.incrementAndGet();
            }
        }
    }
}
