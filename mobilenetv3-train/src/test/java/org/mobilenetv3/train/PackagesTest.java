package org.mobilenetv3.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The main code of all modules as its import lines show it. */
class PackagesTest {

    private static final int MAX_FILES = 21;

    /** One trade each, whose parts would only have to be made public. */
    private static final Set<String> LARGE =
            Set.of("org.mobilenetv3.train.report", "org.mobilenetv3.serve.http");

    private static final Pattern PACKAGE = Pattern.compile("(?m)^package ([\\w.]+);");
    private static final Pattern IMPORT =
            Pattern.compile("(?m)^import (?:static )?(org\\.mobilenetv3[\\w.]*)(?:\\.\\*)?;");

    /** Files by package. */
    private static Map<String, List<String>> sources() throws IOException {
        Map<String, List<String>> sources = new TreeMap<>();
        for (String module : List.of("model", "vector", "train", "serve", "spark")) {
            Path root = Path.of("..", "mobilenetv3-" + module, "src", "main", "java");
            try (Stream<Path> files = Files.walk(root)) {
                for (Path file : files.filter(f -> f.toString().endsWith(".java")).toList()) {
                    String source = Files.readString(file);
                    Matcher name = PACKAGE.matcher(source);
                    assertThat(name.find()).as(file.toString()).isTrue();
                    sources.computeIfAbsent(name.group(1), k -> new ArrayList<>()).add(source);
                }
            }
        }
        assertThat(sources).containsKeys("org.mobilenetv3", "org.mobilenetv3.train.run");
        return sources;
    }

    /** The packages that each one imports from; a package within another is one of its own. */
    private static Map<String, Set<String>> imports(Map<String, List<String>> sources) {
        Map<String, Set<String>> imports = new TreeMap<>();
        sources.forEach(
                (name, files) -> {
                    Set<String> others = imports.computeIfAbsent(name, k -> new TreeSet<>());
                    for (String source : files) {
                        IMPORT.matcher(source)
                                .results()
                                .map(found -> owner(found.group(1), sources.keySet()))
                                .filter(owner -> !owner.equals(name))
                                .forEach(others::add);
                    }
                });
        return imports;
    }

    /** The longest package that an imported name begins with. */
    private static String owner(String imported, Set<String> packages) {
        String name = imported;
        while (!packages.contains(name)) {
            name = name.substring(0, name.lastIndexOf('.'));
        }
        return name;
    }

    private static boolean reaches(Map<String, Set<String>> imports, String from, String to) {
        Set<String> seen = new HashSet<>();
        Deque<String> next = new ArrayDeque<>(List.of(from));
        while (!next.isEmpty()) {
            String name = next.pop();
            if (name.equals(to)) {
                return true;
            }
            if (seen.add(name)) {
                next.addAll(imports.get(name));
            }
        }
        return false;
    }

    @Test
    void noTwoPackagesNeedEachOther() throws IOException {
        Map<String, Set<String>> imports = imports(sources());
        Set<String> cycles = new TreeSet<>();
        imports.forEach(
                (name, others) ->
                        others.stream()
                                .filter(other -> reaches(imports, other, name))
                                .forEach(other -> cycles.add(name + " -> " + other)));
        assertThat(cycles).isEmpty();
    }

    @Test
    void noPackageIsCrowded() throws IOException {
        Map<String, Integer> crowded = new TreeMap<>();
        sources()
                .forEach(
                        (name, files) -> {
                            if (files.size() > MAX_FILES && !LARGE.contains(name)) {
                                crowded.put(name, files.size());
                            }
                        });
        assertThat(crowded).isEmpty();
    }
}
