package org.mobilenetv3.download;

import java.nio.file.Path;
import java.util.Map;

/**
 * What the user has set outside this program; tests give their own.
 *
 * @param variables the environment variables
 * @param home the user's directory, below which Python keeps its caches
 */
public record Environment(Map<String, String> variables, Path home) {

    /** Copies the variables. */
    public Environment {
        variables = Map.copyOf(variables);
    }

    /** Returns that of this process. */
    public static Environment system() {
        return new Environment(System.getenv(), Path.of(System.getProperty("user.home")));
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
}
