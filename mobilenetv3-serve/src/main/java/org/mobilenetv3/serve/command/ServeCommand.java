package org.mobilenetv3.serve.command;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.mobilenetv3.cli.ComputeOptions;
import org.mobilenetv3.cli.EngineOption;
import org.mobilenetv3.cli.WeightsOption;
import org.mobilenetv3.pretrained.WeightsLocator;
import org.mobilenetv3.serve.http.ServeSettings;
import org.mobilenetv3.serve.http.ServeSettings.Batching;
import org.mobilenetv3.serve.http.ServeSettings.Limits;
import org.mobilenetv3.serve.http.ServeSettings.Tls;
import org.mobilenetv3.serve.http.Server;
import org.mobilenetv3.trained.TrainedNet;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Serves trained nets over HTTP until it is stopped. */
@Command(
        name = "serve",
        description = "Serve trained nets over HTTP.",
        footer = {
            "%nExamples:",
            "  mobilenetv3 serve --weights runs/shapes-mobilenet_v3_small/best",
            "  mobilenetv3 serve --weights large",
            "  mobilenetv3 serve --weights boxes=ssdlite --weights masks=lraspp",
            "  mobilenetv3 serve --weights elastic --degrade",
            "  mobilenetv3 serve --weights small=small.onnx --weights large=large.onnx --port 9000",
            "  curl --data-binary @photo.jpg http://127.0.0.1:8080/predict"
        })
final class ServeCommand implements Callable<Integer> {

    private static final String NAME = "[A-Za-z0-9._-]+";

    /**
     * An address or a path may have an equals sign, too, but not before its first colon or slash.
     */
    private static final Pattern NAMED = Pattern.compile("([^=:/\\\\]*)=(.*)");

    @Mixin private ComputeOptions compute;

    @Option(
            names = "--weights",
            paramLabel = "[NAME=]WEIGHTS",
            required = true,
            completionCandidates = WeightsOption.Names.class,
            description =
                    WeightsOption.DESCRIPTION
                            + " Served under its own name unless NAME is given; repeat it for several, the first of which answers /predict.")
    private List<String> weights;

    @Mixin private ServedNets nets;
    @Mixin private EngineOption engine;

    @Option(
            names = "--host",
            paramLabel = "HOST",
            defaultValue = "127.0.0.1",
            description = "Address to listen on (default: ${DEFAULT-VALUE}).")
    private String host;

    @Option(
            names = "--port",
            paramLabel = "PORT",
            defaultValue = "8080",
            description = "Port to listen on, 0 for any free one (default: ${DEFAULT-VALUE}).")
    private int port;

    @Option(
            names = "--max-batch",
            paramLabel = "N",
            defaultValue = "4",
            description = "Images in one batch (default: ${DEFAULT-VALUE}).")
    private int maxBatch;

    @Option(
            names = "--max-delay-ms",
            paramLabel = "MS",
            defaultValue = "2",
            description = "How long a batch waits for more images (default: ${DEFAULT-VALUE}).")
    private int maxDelay;

    @Option(
            names = "--queue",
            paramLabel = "N",
            defaultValue = "128",
            description = "Requests that may wait; more get 429 (default: ${DEFAULT-VALUE}).")
    private int queue;

    @Option(
            names = "--deadline-ms",
            paramLabel = "MS",
            defaultValue = "10000",
            description = "Longest time from a request to its answer (default: ${DEFAULT-VALUE}).")
    private int deadline;

    @Option(
            names = "--max-body-bytes",
            paramLabel = "N",
            defaultValue = "16777216",
            description = "Largest body (default: ${DEFAULT-VALUE}).")
    private int maxBody;

    @Option(
            names = "--body-seconds",
            paramLabel = "S",
            defaultValue = "30",
            description = "How long a body may take to arrive (default: ${DEFAULT-VALUE}).")
    private int bodySeconds;

    @Option(
            names = "--max-pixels",
            paramLabel = "N",
            defaultValue = "50000000",
            description = "Largest image (default: ${DEFAULT-VALUE}).")
    private long maxPixels;

    @Option(
            names = "--decode-ms",
            paramLabel = "MS",
            defaultValue = "2000",
            description = "Longest time to decode an image (default: ${DEFAULT-VALUE}).")
    private int decode;

    @Option(
            names = "--drain-seconds",
            paramLabel = "S",
            defaultValue = "30",
            description = "How long a stop waits for requests (default: ${DEFAULT-VALUE}).")
    private int drain;

    @Option(
            names = "--reload-ms",
            paramLabel = "MS",
            defaultValue = "1000",
            description = "How often replaced models are looked for (default: ${DEFAULT-VALUE}).")
    private int reload;

    @Option(
            names = "--token-file",
            paramLabel = "FILE",
            description = "Callers must send Authorization: Bearer and the file's first line.")
    private Path tokenFile;

    @Option(
            names = "--keystore",
            paramLabel = "FILE",
            description = "Certificate and key for HTTPS, PKCS12 or JKS.")
    private Path keystore;

    @Option(
            names = "--keystore-password-file",
            paramLabel = "FILE",
            description = "A file whose first line is the keystore's password.")
    private Path passwordFile;

    @Option(
            names = "--access-log",
            description = "Write a line of JSON for each request to standard error.")
    private boolean accessLog;

    @Override
    public Integer call() throws IOException, InterruptedException {
        // Its errors come to the user as this command's own.
        System.setProperty("org.slf4j.simpleLogger.log.io.javalin.Javalin", "off");
        ServeSettings settings = settings();
        Map<String, Path> models = models();
        if (settings.degrade().isPresent()) {
            settings.degrade().get().check(models.values());
        }
        if (!settings.loopback() && tokenFile == null) {
            System.err.printf(
                    "Anyone who can reach %s can use this server; --token-file requires a token.%n",
                    host);
        } else if (!settings.loopback() && keystore == null) {
            System.err.println(
                    "The token travels unencrypted; --keystore makes it HTTPS, if no proxy does.");
        }
        StopSignal stop = new StopSignal();
        try (Server server = new Server(settings, engine.engine(), compute, models)) {
            server.start();
            System.out.printf(
                    "Ready at http%s://%s:%d with %s.%n",
                    keystore == null ? "" : "s",
                    host.contains(":") ? "[" + host + "]" : host,
                    server.port(),
                    String.join(", ", models.keySet()));
            stop.await();
        }
        return 0;
    }

    private ServeSettings settings() throws IOException {
        requirePositive("--deadline-ms", deadline);
        requirePositive("--max-body-bytes", maxBody);
        requirePositive("--body-seconds", bodySeconds);
        requirePositive("--max-pixels", maxPixels);
        requirePositive("--decode-ms", decode);
        requirePositive("--reload-ms", reload);
        requirePositive("--drain-seconds", drain);
        if ((keystore == null) != (passwordFile == null)) {
            throw new IllegalArgumentException(
                    "Give both --keystore and --keystore-password-file or neither.");
        }
        return new ServeSettings(
                host,
                port,
                new Batching(queue, maxBatch, Duration.ofMillis(maxDelay)),
                nets.degrade(),
                new Limits(
                        maxBody,
                        Duration.ofSeconds(bodySeconds),
                        maxPixels,
                        Duration.ofMillis(decode),
                        Duration.ofMillis(deadline)),
                tokenFile == null ? Optional.empty() : Optional.of(secret(tokenFile)),
                keystore == null
                        ? Optional.empty()
                        : Optional.of(Tls.open(keystore, secret(passwordFile))),
                Duration.ofMillis(reload),
                Duration.ofSeconds(drain),
                accessLog);
    }

    /** Reads a secret from a file, as every user of a machine sees its command lines. */
    private static String secret(Path file) throws IOException {
        String text = Files.readString(file, StandardCharsets.ISO_8859_1);
        String secret = text.replaceFirst("^\u00EF\u00BB\u00BF", "").lines().findFirst().orElse("");
        if (!secret.strip().matches("[!-~]+")) {
            throw new IOException(
                    "The first line of %s is not a secret; write one there, in ASCII without spaces."
                            .formatted(file));
        }
        return secret.strip();
    }

    private Map<String, Path> models() throws IOException {
        nets.requireOne(weights.size());
        Map<String, Path> models = new LinkedHashMap<>();
        for (String option : weights) {
            Matcher named = NAMED.matcher(option);
            String from = named.matches() ? named.group(2) : option;
            String name = named.matches() ? named.group(1) : WeightsLocator.label(from);
            if (!name.matches(NAME)) {
                throw new IllegalArgumentException(
                        "'%s' cannot name a model; give --weights NAME=PATH with letters, digits, dots, - and _."
                                .formatted(name));
            }
            if (models.put(name, nets.choose(WeightsOption.locate(from), this::open)) != null) {
                throw new IllegalArgumentException(
                        "Two models are called %s; give --weights NAME=PATH.".formatted(name));
            }
        }
        return models;
    }

    private TrainedNet open(Path path) throws IOException {
        return Server.open(engine.engine(), compute, path);
    }

    private static void requirePositive(String option, long value) {
        if (value < 1) {
            throw new IllegalArgumentException(
                    String.format(Locale.ROOT, "%s is %d but must be at least 1.", option, value));
        }
    }
}
