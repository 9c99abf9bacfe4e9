package org.mobilenetv3.serve.http;

import io.javalin.config.JettyConfig;
import java.util.ArrayList;
import java.util.List;
import org.eclipse.jetty.server.ConnectionFactory;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.SecureRequestCustomizer;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.mobilenetv3.serve.http.ServeSettings.Tls;

/** How Jetty listens: address, certificate, and no patience with slow or huge requests. */
final class Connectors {

    private static final int IDLE_MILLISECONDS = 20_000;
    private static final int SLOWEST_BYTES_A_SECOND = 1000;
    private static final int HEADER_BYTES = 8192;

    private Connectors() {}

    static void configure(JettyConfig jetty, ServeSettings settings) {
        // Every waiting request has a thread; more than the queue takes are told so.
        int threads = settings.batching().queue() + 2 * settings.batching().maxBatch() + 32;
        QueuedThreadPool pool = new QueuedThreadPool(threads, 4);
        pool.setName("requests");
        pool.setDaemon(true);
        jetty.threadPool = pool;
        jetty.addConnector((server, http) -> connector(server, http, settings));
    }

    private static ServerConnector connector(
            Server server, HttpConfiguration http, ServeSettings settings) {
        http.setSendServerVersion(false);
        http.setRequestHeaderSize(HEADER_BYTES);
        http.setMinRequestDataRate(SLOWEST_BYTES_A_SECOND);
        List<ConnectionFactory> factories = new ArrayList<>();
        if (settings.tls().isPresent()) {
            Tls tls = settings.tls().get();
            SslContextFactory.Server ssl = new SslContextFactory.Server();
            ssl.setKeyStorePath(tls.keystore().toString());
            ssl.setKeyStorePassword(tls.password());
            http.addCustomizer(new SecureRequestCustomizer(false));
            factories.add(new SslConnectionFactory(ssl, "http/1.1"));
        }
        factories.add(new HttpConnectionFactory(http));
        ServerConnector connector =
                new ServerConnector(server, factories.toArray(new ConnectionFactory[0]));
        connector.setHost(settings.host());
        connector.setPort(settings.port());
        connector.setIdleTimeout(IDLE_MILLISECONDS);
        return connector;
    }
}
