package org.mobilenetv3.download;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.mobilenetv3.download.FetchException.Kind;

/**
 * Which proxy a request goes through: Java's settings ({@code -Dhttps.proxyHost}, the default
 * {@link ProxySelector}), then the environment's as curl reads them ({@code https_proxy}, {@code
 * all_proxy}, {@code no_proxy}).
 */
final class ProxyChoice extends ProxySelector {
    private static final int PORT = 1080; // curl's

    private final Environment environment;

    ProxyChoice(Environment environment) {
        this.environment = environment;
    }

    @Override
    public List<Proxy> select(URI address) {
        ProxySelector java = ProxySelector.getDefault();
        List<Proxy> chosen = java == null ? List.of() : java.select(address);
        if (set(address.getScheme())
                || chosen.stream().anyMatch(p -> p.type() != Proxy.Type.DIRECT)) {
            return chosen;
        }
        URI proxy = parsed(variable(address));
        return proxy == null
                ? List.of(Proxy.NO_PROXY)
                : List.of(new Proxy(Proxy.Type.HTTP, socket(proxy)));
    }

    @Override
    public void connectFailed(URI address, SocketAddress proxy, IOException failure) {
        // The caller hears of it.
    }

    /**
     * Refuses a proxy that Java cannot use.
     *
     * @throws FetchException in one sentence, if the environment names one
     */
    void require(URI address) throws FetchException {
        String value = variable(address);
        if (value != null && !set(address.getScheme()) && parsed(value) == null) {
            throw new FetchException(
                    Kind.REFUSED,
                    "The proxy '%s' of the environment cannot be used; Java knows http://[USER:PASSWORD@]HOST:PORT only."
                            .formatted(value.replaceFirst("//[^/@]*@", "//")),
                    null);
        }
    }

    /** Returns the {@code Proxy-Authorization} header for a request; null if it has none. */
    String authorization(URI address) {
        URI proxy = set(address.getScheme()) ? null : parsed(variable(address));
        return proxy == null || proxy.getUserInfo() == null
                ? null
                : "Basic "
                        + Base64.getEncoder()
                                .encodeToString(
                                        proxy.getUserInfo().getBytes(StandardCharsets.UTF_8));
    }

    /** Returns " through the proxy HOST:PORT", or nothing. */
    String told(URI address) {
        for (Proxy proxy : select(address)) {
            if (proxy.address() instanceof InetSocketAddress socket) {
                return " through the proxy " + socket.getHostString() + ":" + socket.getPort();
            }
        }
        return "";
    }

    private static boolean set(String scheme) {
        return System.getProperty(scheme.toLowerCase(Locale.ROOT) + ".proxyHost") != null;
    }

    /** Returns what the environment says of an address; null if nothing. */
    private String variable(URI address) {
        String scheme = address.getScheme().toLowerCase(Locale.ROOT);
        // Servers set HTTP_PROXY from a request's header "Proxy": curl reads the small one only.
        String value =
                scheme.equals("https")
                        ? environment.first("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY")
                        : environment.first("http_proxy", "all_proxy", "ALL_PROXY");
        String host = Objects.requireNonNullElse(address.getHost(), "");
        return value == null || isExcepted(host.toLowerCase(Locale.ROOT)) ? null : value;
    }

    private boolean isExcepted(String host) {
        String list = environment.first("no_proxy", "NO_PROXY");
        if (list == null) {
            return false;
        }
        if (list.equals("*")) {
            return true;
        }
        for (String entry : list.toLowerCase(Locale.ROOT).split("[,\\s]+", -1)) {
            String name = entry.replaceFirst("^\\.", "").replaceFirst("\\.$", "");
            if (!name.isEmpty() && (host.equals(name) || host.endsWith("." + name))) {
                return true;
            }
        }
        return false;
    }

    /** Returns null if it is none, or none that Java can use. */
    private static URI parsed(String value) {
        if (value == null) {
            return null;
        }
        try {
            URI proxy = URI.create(value.contains("://") ? value : "http://" + value);
            boolean usable = "http".equalsIgnoreCase(proxy.getScheme()) && proxy.getHost() != null;
            return usable ? proxy : null;
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    private static InetSocketAddress socket(URI proxy) {
        return new InetSocketAddress(proxy.getHost(), proxy.getPort() < 0 ? PORT : proxy.getPort());
    }
}
