package org.mobilenetv3.download;

import ai.djl.util.Utils;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What the user has set outside this program; tests give their own.
 *
 * @param variables the environment variables
 * @param home the user's directory, below which Python keeps its caches
 */
public record Environment(Map<String, String> variables, Path home) {

    private static final String DJL_CACHE = "DJL_CACHE_DIR";

    /** Copies the variables. */
    public Environment {
        variables = Map.copyOf(variables);
    }

    /** Returns that of this process; DJL's cache may be a system property, too. */
    public static Environment system() {
        Map<String, String> variables = new HashMap<>(System.getenv());
        String cache = System.getProperty(DJL_CACHE);
        if (cache != null) {
            variables.putIfAbsent(DJL_CACHE, cache);
        }
        return new Environment(variables, Path.of(System.getProperty("user.home")));
    }

    /**
     * Returns whether the network is not to be used.
     *
     * @return true if {@code AI_DJL_OFFLINE} or {@code HF_HUB_OFFLINE} is 1, true, yes or on, and
     *     if DJL is offline ({@code DJL_OFFLINE}, {@code -Dai.djl.offline=true})
     */
    public boolean isOffline() {
        return isOn("AI_DJL_OFFLINE") || isOn("HF_HUB_OFFLINE") || Utils.isOfflineMode();
    }

    private boolean isOn(String variable) {
        String value = first(variable);
        return value != null && value.matches("(?i)1|true|yes|on");
    }

    /** Returns the first of the variables that is set and not empty; null if none is. */
    String first(String... names) {
        for (String name : names) {
            String value = variables.get(name);
            if (value != null && !value.isBlank()) {
                return value.strip();
            }
        }
        return null;
    }

    /** Returns a path that a variable holds, in which ~ is the user's directory. */
    Path path(String value) {
        return value.equals("~") || value.startsWith("~/")
                ? home.resolve(value.substring(Math.min(2, value.length())))
                : Path.of(value);
    }

    /** Returns where torch.hub keeps files of weights, the likeliest place first. */
    List<Path> torchCheckpoints() {
        List<Path> homes = new ArrayList<>();
        String torch = first("TORCH_HOME");
        if (torch != null) {
            homes.add(path(torch));
        }
        caches().forEach(cache -> homes.add(cache.resolve("torch")));
        return homes.stream().map(directory -> directory.resolve("hub/checkpoints")).toList();
    }

    /** Returns where the Hub's library keeps repositories, the likeliest place first. */
    List<Path> hubCaches() {
        List<Path> hubs = new ArrayList<>();
        for (String variable : List.of("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE")) {
            String hub = first(variable);
            if (hub != null) {
                hubs.add(path(hub));
            }
        }
        String home = first("HF_HOME");
        if (home != null) {
            hubs.add(path(home).resolve("hub"));
        }
        caches().forEach(cache -> hubs.add(cache.resolve("huggingface/hub")));
        return hubs.stream().distinct().toList();
    }

    /** Returns the Hub library's own directory. */
    Path huggingFace() {
        String home = first("HF_HOME");
        return home != null ? path(home) : caches().get(0).resolve("huggingface");
    }

    /** Returns where locks are kept: in DJL's cache. */
    Path locks() {
        String cache = first(DJL_CACHE);
        Path djl = cache != null ? path(cache) : home.resolve(".djl.ai");
        return djl.resolve("mobilenetv3/locks");
    }

    private List<Path> caches() {
        Path usual = home.resolve(".cache");
        String xdg = first("XDG_CACHE_HOME");
        return xdg == null ? List.of(usual) : List.of(path(xdg), usual);
    }
}
