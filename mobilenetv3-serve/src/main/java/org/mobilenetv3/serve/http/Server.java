package org.mobilenetv3.serve.http;

import ai.djl.util.JsonUtils;
import io.javalin.Javalin;
import io.javalin.compression.CompressionStrategy;
import io.javalin.config.JavalinConfig;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.http.Handler;
import io.javalin.http.HttpResponseException;
import io.javalin.json.JavalinGson;
import java.io.IOException;
import java.io.InputStream;
import java.net.SocketException;
import java.nio.channels.UnresolvedAddressException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.mobilenetv3.cli.ComputeOptions;
import org.mobilenetv3.trained.FileKind;
import org.mobilenetv3.trained.NetEngine;
import org.mobilenetv3.trained.TrainedNet;

/** The HTTP server. It listens at once and is ready when all models are open and warmed up. */
public final class Server implements AutoCloseable {

    private static final String CONTENT_SECURITY_POLICY =
            "default-src 'none'; img-src blob: data:; style-src 'unsafe-inline';"
                    + " script-src 'unsafe-inline'; connect-src 'self'; media-src blob:;"
                    + " form-action 'none'; frame-ancestors 'none'; base-uri 'none'";

    private final ServeSettings settings;
    private final Metrics metrics = new Metrics();
    private final Connections connections;
    private final Inference inference;
    private final Models models;
    private final Javalin app;

    /**
     * Prepares a server; {@link #start} starts it.
     *
     * @param settings how it listens and what it allows
     * @param engine what computes
     * @param compute device and threads
     * @param paths packages, exported files or files of weights by the names to serve them under;
     *     the first is the one of {@code /predict}
     */
    public Server(
            ServeSettings settings,
            NetEngine engine,
            ComputeOptions compute,
            Map<String, Path> paths) {
        this.settings = settings;
        this.connections = new Connections(settings);
        this.inference = new Inference(settings.limits());
        this.models =
                new Models(
                        paths,
                        new NetLoader(engine, compute, settings.degrade()),
                        settings.batching(),
                        metrics);
        this.app = Javalin.create(this::configure);
    }

    /**
     * Opens a net as a server does, for one batch at a time.
     *
     * @param engine what computes
     * @param compute device and threads
     * @param path of weights
     * @return the net; close it after use
     * @throws IOException in one sentence, if it cannot be used
     */
    public static TrainedNet open(NetEngine engine, ComputeOptions compute, Path path)
            throws IOException {
        return new NetLoader(engine, compute, Optional.empty()).open(path, FileKind.of(path));
    }

    private void configure(JavalinConfig config) {
        config.startup.showJavalinBanner = false;
        config.startup.showOldJavalinVersionWarning = false;
        config.startup.startupWatcherEnabled = false;
        config.http.prefer405over404 = true;
        config.http.compressionStrategy = CompressionStrategy.NONE;
        config.jsonMapper(new JavalinGson(JsonUtils.GSON, false));
        connections.configure(config.jetty);
        AccessLog log = new AccessLog(settings.accessLog(), metrics);
        config.requestLogger.http(log::handle);
        routes(config.routes);
        errors(config);
    }

    private static void errors(JavalinConfig config) {
        config.routes.exception(HttpError.class, Server::answer);
        config.routes.exception(
                HttpResponseException.class,
                (e, context) ->
                        answer(new HttpError(e.getStatus(), reason(e.getStatus())), context));
        config.routes.exception(
                Exception.class, (e, context) -> answer(HttpError.unexpected(e), context));
        config.router.javaLangErrorHandler(
                (response, e) -> {
                    HttpError.unexpected(e);
                    response.setStatus(500);
                });
    }

    private void routes(RoutesConfig routes) {
        routes.before(connections::addHeaders);
        routes.after(connections::addHeaders); // it may have begun to stop meanwhile
        routes.before(new Authentication(settings)::check);
        PredictHandler predict = new PredictHandler(inference, settings.limits().decode());
        routes.post("/predict", context -> predict.handle(context, models.first()));
        routes.post(
                "/predict/{model}",
                context -> predict.handle(context, models.get(context.pathParam("model"))));
        get(
                routes,
                "/metrics",
                context ->
                        context.contentType("text/plain; version=0.0.4; charset=utf-8")
                                .result(metrics.text()));
        get(routes, "/", Server::page);
        new Protocol(models, inference).addTo(routes);
    }

    /** Registers GET and HEAD: Javalin's own HEAD would answer 200 where GET answers 503. */
    static void get(RoutesConfig routes, String path, Handler handler) {
        routes.get(path, handler);
        routes.head(path, handler);
    }

    private static void page(Context context) throws IOException {
        try (InputStream page = Server.class.getResourceAsStream("page.html")) {
            context.contentType("text/html; charset=utf-8")
                    .header("Content-Security-Policy", CONTENT_SECURITY_POLICY)
                    .header("Referrer-Policy", "no-referrer")
                    .result(page.readAllBytes());
        }
    }

    private static void answer(HttpError error, Context context) {
        if (Body.isUnread(context)) {
            // The future fails with the error, which comes here again and is answered.
            context.future(() -> Body.discard(context, error));
            return;
        }
        if (error.retryable()) {
            context.header("Retry-After", "1");
        }
        if (error.status() == 401) {
            context.header("WWW-Authenticate", "Bearer");
        }
        context.status(error.status()).json(error.answer());
    }

    private static String reason(int status) {
        return switch (status) {
            case 404 -> "There is nothing at this address.";
            case 405 -> "This address does not take this method.";
            default -> "The request cannot be handled.";
        };
    }

    /**
     * Listens, opens the models and warms them up.
     *
     * @throws IOException if the address cannot be listened at or a model cannot be used
     */
    public void start() throws IOException {
        try {
            app.start(settings.host(), settings.port());
        } catch (RuntimeException e) {
            Throwable reason = e;
            while (reason.getCause() != null) {
                reason = reason.getCause();
            }
            boolean address =
                    reason instanceof SocketException
                            || reason instanceof UnresolvedAddressException;
            throw new IOException(
                    String.format(
                            Locale.ROOT,
                            "The server cannot listen at %s, port %d (%s)%s.",
                            settings.host(),
                            settings.port(),
                            reason.getMessage() == null ? reason : reason.getMessage(),
                            address ? "; give another --host or --port" : ""),
                    e);
        }
        models.open(settings.reloadEvery());
    }

    /**
     * Returns the port that the server listens at.
     *
     * @return the port, chosen by the system if 0 was asked for
     */
    public int port() {
        return app.port();
    }

    /** Takes no more connections, finishes those in flight and closes everything. */
    @Override
    public void close() {
        models.retire();
        try {
            if (!connections.drain()) {
                System.err.println("Some requests were not finished in time.");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        app.stop();
        inference.close();
        models.close();
    }
}
