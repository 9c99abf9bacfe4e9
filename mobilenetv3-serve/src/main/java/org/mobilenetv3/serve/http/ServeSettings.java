package org.mobilenetv3.serve.http;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.time.Duration;
import java.util.Collections;
import java.util.Locale;
import java.util.Optional;

/**
 * How the server listens and what it allows.
 *
 * @param host address to listen on
 * @param port port to listen on, 0 for any that is free
 * @param batching how requests become batches
 * @param degrade how elastic packages step down while the queue is long, if they do
 * @param limits of a request
 * @param token the bearer token that callers must send, if any
 * @param tls certificate to encrypt with, if any
 * @param reloadEvery how often replaced models are looked for
 * @param drain how long a stop waits for requests
 * @param accessLog whether each request is a line on standard error
 */
public record ServeSettings(
        String host,
        int port,
        Batching batching,
        Optional<Degrade> degrade,
        Limits limits,
        Optional<String> token,
        Optional<Tls> tls,
        Duration reloadEvery,
        Duration drain,
        boolean accessLog) {

    /** Checks the port. */
    public ServeSettings {
        if (port < 0 || port > 65_535) {
            throw new IllegalArgumentException(
                    String.format(
                            Locale.ROOT,
                            "--port is %d; give 1 to 65535, or 0 for any free one.",
                            port));
        }
    }

    /**
     * Returns whether only this machine can reach the server.
     *
     * @return true if the host is a loopback address
     */
    public boolean loopback() {
        try {
            return InetAddress.getByName(host).isLoopbackAddress();
        } catch (UnknownHostException e) {
            return false; // listening will say so
        }
    }

    /**
     * How requests become batches.
     *
     * @param queue requests that may wait for a model
     * @param maxBatch images in one batch
     * @param maxDelay how long a batch waits for more images
     */
    public record Batching(int queue, int maxBatch, Duration maxDelay) {
        /** Checks the numbers. */
        public Batching {
            if (maxDelay.isNegative()) {
                throw new IllegalArgumentException(
                        String.format(
                                Locale.ROOT,
                                "--max-delay-ms is %d; give 0 or more.",
                                maxDelay.toMillis()));
            }
            if (maxBatch < 1 || maxBatch > 1024 || queue < maxBatch) {
                throw new IllegalArgumentException(
                        String.format(
                                Locale.ROOT,
                                "--max-batch is %d and --queue %d; give 1 to 1024 images and a queue of at least one batch.",
                                maxBatch,
                                queue));
            }
        }
    }

    /**
     * The limits of a request.
     *
     * @param bodyBytes the largest body
     * @param bodyTime until a body has arrived
     * @param pixels the largest image
     * @param decode time to decode an image
     * @param deadline time from a whole body to the answer
     */
    public record Limits(
            int bodyBytes, Duration bodyTime, long pixels, Duration decode, Duration deadline) {

        /** Checks the size against Java's memory. */
        public Limits {
            long share = Runtime.getRuntime().maxMemory() / 4;
            if (bodyBytes > share) {
                throw new IllegalArgumentException(
                        String.format(
                                Locale.ROOT,
                                "--max-body-bytes is %d, but all bodies together may take %d, a quarter of Java's memory; give less, or more memory with JAVA_OPTS=-Xmx.",
                                bodyBytes,
                                share));
            }
        }
    }

    /**
     * A certificate with its key.
     *
     * @param keys the keystore
     * @param password of the key
     */
    public record Tls(KeyStore keys, String password) {

        /**
         * Opens a keystore, PKCS12 or JKS.
         *
         * @param keystore the file
         * @param password of the keystore and the key
         * @return the certificate
         * @throws IOException if it cannot be opened or has no key
         */
        public static Tls open(Path keystore, String password) throws IOException {
            try {
                KeyStore keys = KeyStore.getInstance(keystore.toFile(), password.toCharArray());
                for (String alias : Collections.list(keys.aliases())) {
                    if (keys.isKeyEntry(alias)) {
                        return new Tls(keys, password);
                    }
                }
                throw new IOException("it has no key");
            } catch (IOException | GeneralSecurityException e) {
                throw new IOException(
                        "%s is not a PKCS12 or JKS keystore with a key that the password opens (%s)."
                                .formatted(keystore, e.getMessage()),
                        e);
            }
        }
    }
}
