package org.mobilenetv3.serve.http;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * How the server listens and what it allows.
 *
 * @param host address to listen on
 * @param port port to listen on, 0 for any that is free
 * @param batching how requests become batches
 * @param limits what a request may cost
 * @param token what callers must show, if anything
 * @param tls certificate to encrypt with, if any
 * @param reloadEvery how often replaced models are looked for
 * @param drain how long a stop waits for requests
 * @param accessLog whether each request is a line on standard error
 */
record ServeSettings(
        String host,
        int port,
        Batching batching,
        Limits limits,
        Optional<String> token,
        Optional<Tls> tls,
        Duration reloadEvery,
        Duration drain,
        boolean accessLog) {

    /**
     * How requests become batches.
     *
     * @param queue images that may wait for a model
     * @param maxBatch images in one batch
     * @param maxDelay how long a batch waits for more images
     */
    record Batching(int queue, int maxBatch, Duration maxDelay) {
        Batching {
            if (maxBatch < 1 || queue < maxBatch) {
                throw new IllegalArgumentException(
                        "--max-batch is %d and --queue %d; give 1 or more and a queue of at least one batch."
                                .formatted(maxBatch, queue));
            }
        }
    }

    /**
     * What a request may cost.
     *
     * @param bodyBytes of a body
     * @param pixels of an image
     * @param decode time to decode an image
     * @param deadline time until the answer
     * @param decoders images that are decoded at once
     */
    record Limits(int bodyBytes, long pixels, Duration decode, Duration deadline, int decoders) {}

    /**
     * A certificate with its key.
     *
     * @param keystore PKCS12 or JKS file
     * @param password of the keystore
     */
    record Tls(Path keystore, String password) {}
}
