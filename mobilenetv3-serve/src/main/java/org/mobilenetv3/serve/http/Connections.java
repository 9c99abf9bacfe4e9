package org.mobilenetv3.serve.http;

import io.javalin.config.JettyConfig;
import io.javalin.http.Context;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Future;
import org.eclipse.jetty.server.ConnectionFactory;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.NetworkConnectionLimit;
import org.eclipse.jetty.server.SecureRequestCustomizer;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.mobilenetv3.serve.http.ServeSettings.Tls;

/** Configures how Jetty listens (address, certificate, limits) and drains it for a stop. */
final class Connections {

    private static final int IDLE_TIMEOUT_MILLISECONDS = 75_000;
    private static final int MAX_CONNECTIONS = 4096;
    private static final int INPUT_BYTES = 1 << 16;
    private static final int BACKLOG = 1024;
    private static final int THREADS = 64;
    private static final int GRACE_MILLISECONDS = 200;
    private static final long DRAINED_NANOS = 500_000_000;

    private final ServeSettings settings;
    private final InFlight inFlight = new InFlight();
    private volatile ServerConnector connector;
    private volatile boolean draining;

    Connections(ServeSettings settings) {
        this.settings = settings;
    }

    void configure(JettyConfig jetty) {
        QueuedThreadPool threads = new QueuedThreadPool(THREADS, 8);
        threads.setName("requests");
        threads.setDaemon(true);
        JsonErrors errors = new JsonErrors();
        jetty.threadPool = threads;
        jetty.addConnector(this::connector);
        jetty.modifyServletContextHandler(handler -> handler.setErrorHandler(errors));
        jetty.modifyServer(
                server -> {
                    server.setErrorHandler(errors);
                    server.setHandler(inFlight);
                });
    }

    private ServerConnector connector(Server server, HttpConfiguration http) {
        http.setSendServerVersion(false);
        List<ConnectionFactory> factories = new ArrayList<>();
        if (settings.tls().isPresent()) {
            Tls tls = settings.tls().get();
            SslContextFactory.Server ssl = new SslContextFactory.Server();
            ssl.setKeyStore(tls.keys());
            ssl.setKeyStorePassword(tls.password());
            http.addCustomizer(new SecureRequestCustomizer(false));
            factories.add(new SslConnectionFactory(ssl, "http/1.1"));
        }
        HttpConnectionFactory plain = new HttpConnectionFactory(http);
        plain.setInputBufferSize(INPUT_BYTES);
        factories.add(plain);
        connector = new ServerConnector(server, factories.toArray(new ConnectionFactory[0]));
        connector.setHost(settings.host());
        connector.setPort(settings.port());
        connector.setAcceptQueueSize(BACKLOG);
        connector.setIdleTimeout(IDLE_TIMEOUT_MILLISECONDS);
        server.addBean(new NetworkConnectionLimit(MAX_CONNECTIONS, connector));
        return connector;
    }

    /**
     * Adds the headers of every answer; while the server drains, it is the last of its connection.
     */
    void addHeaders(Context context) {
        context.header("X-Content-Type-Options", "nosniff");
        if (draining) {
            context.header("Connection", "close");
        }
    }

    /**
     * Closes the port, answers what arrives on open connections as their last request, and waits
     * until nothing has arrived for a moment.
     *
     * @return false if time runs out first
     */
    boolean drain() throws InterruptedException {
        draining = true;
        if (connector == null) {
            return true; // it never listened
        }
        // Jetty would close open connections after a second, though a request may be on its way.
        connector.setShutdownIdleTimeout(settings.drain().toMillis());
        // Jetty will close connections after their answer: all answers must say so by then.
        Thread.sleep(GRACE_MILLISECONDS);
        inFlight.restartIdleTime();
        Future<?> closed = connector.shutdown();
        long until = System.nanoTime() + settings.drain().toNanos();
        while (!closed.isDone() && !inFlight.idleFor(DRAINED_NANOS)) {
            if (System.nanoTime() - until > 0) {
                return inFlight.count() == 0;
            }
            Thread.sleep(5);
        }
        return true;
    }
}
