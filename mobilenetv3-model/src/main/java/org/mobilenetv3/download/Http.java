package org.mobilenetv3.download;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.ProtocolException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLException;
import org.mobilenetv3.download.FetchException.Kind;
import org.mobilenetv3.io.FileErrors;

/**
 * Asks servers. Redirects are followed here rather than by Java's client, because the Hub says a
 * file's checksum on the first answer only, and a token must not follow to another host.
 */
final class Http {
    private static final Duration CONNECT = Duration.ofSeconds(5);
    private static final Duration ANSWER = Duration.ofSeconds(8);
    private static final int REDIRECTS = 10;
    private static final String TUNNELS = "jdk.http.auth.tunneling.disabledSchemes";

    private final Mirrors mirrors;
    private final ProxyChoice proxies;
    private HttpClient client;

    Http(Environment environment) {
        mirrors = new Mirrors(environment);
        proxies = new ProxyChoice(environment);
    }

    /**
     * An answer that is no redirect.
     *
     * @param source what was asked first
     * @param response the last one; its body is to be closed
     * @param hops the headers of all, from the first redirect to the last
     */
    record Answer(URI source, HttpResponse<InputStream> response, List<HttpHeaders> hops) {
        int status() {
            return response.statusCode();
        }

        URI address() {
            return response.uri();
        }

        /** Returns a header of the last answer. */
        Optional<String> header(String name) {
            return response.headers().firstValue(name);
        }

        /** Returns a header of the first answer that has it. */
        Optional<String> firstHeader(String name) {
            return hops.stream().flatMap(h -> h.firstValue(name).stream()).findFirst();
        }
    }

    /**
     * Sends a request and those that it is redirected to.
     *
     * @param method GET or HEAD
     * @param source http or https
     * @param headers beside the token's, which is added where it belongs
     * @return any answer, also of a refusal
     * @throws FetchException if there is none
     */
    Answer send(String method, URI source, Map<String, String> headers) throws IOException {
        List<HttpHeaders> hops = new ArrayList<>();
        URI address = source;
        while (hops.size() <= REDIRECTS) {
            HttpResponse<InputStream> response = one(method, address, headers);
            hops.add(response.headers());
            Optional<String> location = response.headers().firstValue("Location");
            int status = response.statusCode();
            if (status < 301 || status == 304 || status > 308 || location.isEmpty()) {
                return new Answer(source, response, List.copyOf(hops));
            }
            response.body().close();
            address = redirected(address, location.get());
        }
        throw new FetchException(
                Kind.REFUSED,
                "%s is redirected more than %s times; try again later."
                        .formatted(source, REDIRECTS),
                null);
    }

    static URI redirected(URI address, String location) throws FetchException {
        URI next;
        try {
            next = address.resolve(location.strip());
        } catch (IllegalArgumentException e) {
            next = null;
        }
        boolean secure = "https".equalsIgnoreCase(address.getScheme());
        boolean web = next != null && next.getHost() != null && !RemoteFile.hasUser(next);
        if (web && next.getScheme().matches(secure ? "(?i)https" : "(?i)https?")) {
            return next;
        }
        throw new FetchException(
                Kind.REFUSED,
                "%s redirects to '%s', which is not followed: %s."
                        .formatted(
                                address,
                                RemoteFile.shown(location),
                                web ? "it is not encrypted" : "it is not a plain address"),
                null);
    }

    private HttpResponse<InputStream> one(String method, URI address, Map<String, String> headers)
            throws IOException {
        proxies.require(address);
        String proxy = proxies.authorization(address);
        HttpClient asking = client(proxy != null);
        HttpRequest.Builder request =
                HttpRequest.newBuilder(address)
                        .method(method, HttpRequest.BodyPublishers.noBody())
                        .timeout(ANSWER)
                        .header("User-Agent", "mobilenetv3")
                        .header("Accept-Encoding", "identity");
        headers.forEach(request::header);
        String token = mirrors.authorization(address);
        if (token != null) {
            request.header("Authorization", token);
        }
        if (proxy != null) {
            request.header("Proxy-Authorization", proxy);
        }
        CompletableFuture<HttpResponse<InputStream>> answer =
                asking.sendAsync(request.build(), BodyHandlers.ofInputStream());
        try {
            // A name server that does not answer is outside the client's own timeouts.
            return answer.get(ANSWER.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw unreachable(address, e.getCause());
        } catch (TimeoutException e) {
            answer.cancel(true);
            throw unreachable(address, e);
        } catch (InterruptedException e) {
            answer.cancel(true);
            throw interrupted(address);
        }
    }

    /** Returns what says that the thread was interrupted, after marking it so. */
    static IOException interrupted(URI address) {
        Thread.currentThread().interrupt();
        return new InterruptedIOException(
                "The download of " + address + " was interrupted; run it again.");
    }

    private synchronized HttpClient client(boolean proxyWithPassword) {
        if (client == null) {
            // Java sends no password to a proxy for https unless told; whoever wrote it into
            // https_proxy means it to be sent. Read when the client's classes are loaded.
            if (proxyWithPassword && System.getProperty(TUNNELS) == null) {
                System.setProperty(TUNNELS, "");
            }
            client =
                    HttpClient.newBuilder()
                            .version(HttpClient.Version.HTTP_1_1)
                            .connectTimeout(CONNECT)
                            .followRedirects(HttpClient.Redirect.NEVER)
                            .proxy(proxies)
                            .build();
        }
        return client;
    }

    private FetchException unreachable(URI address, Throwable cause) {
        return new FetchException(
                Kind.UNREACHABLE,
                "Cannot reach %s%s (%s)"
                        .formatted(
                                address.toString().replaceFirst("\\?.*", ""), // signatures are long
                                proxies.told(address),
                                reason(cause)),
                cause);
    }

    private static String reason(Throwable thrown) {
        for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
            if (cause instanceof UnresolvedAddressException) {
                return "its name is not known here";
            }
            if (cause instanceof TimeoutException || cause instanceof HttpTimeoutException) {
                return "no answer within " + ANSWER.toSeconds() + " seconds";
            }
            if (cause instanceof SSLException) {
                return "its certificate is not accepted: if a proxy here replaces it, give Java the"
                        + " proxy's with -Djavax.net.ssl.trustStore=FILE";
            }
        }
        if (thrown instanceof ProtocolException
                || FileErrors.root(thrown) instanceof IllegalArgumentException) {
            return "what it answered is not HTTP";
        }
        String message = thrown.getMessage();
        if (message != null && message.contains("407")) {
            return "the proxy wants a password: set https_proxy=http://USER:PASSWORD@HOST:PORT, and"
                    + " start Java with -D"
                    + TUNNELS
                    + "=";
        }
        if (message != null && message.contains("received no bytes")) {
            return "it closed the connection without an answer";
        }
        return thrown instanceof ConnectException && message == null
                ? "the connection was refused"
                : message == null ? thrown.getClass().getSimpleName() : RemoteFile.shown(message);
    }
}
