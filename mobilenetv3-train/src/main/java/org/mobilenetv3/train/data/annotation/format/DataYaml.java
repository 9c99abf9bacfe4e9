package org.mobilenetv3.train.data.annotation.format;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * As much YAML as YOLO's {@code data.yaml} is written in: keys with a text, a list, or a list by
 * numbers, on one line or indented below.
 */
final class DataYaml {
    private static final Pattern KEY = Pattern.compile("([\\w.-]+)\\s*:(?:\\s+(.*))?");
    private static final Pattern NUMBERED = Pattern.compile("[\"']?(\\d{1,6})[\"']?\\s*:\\s*(.*)");

    private final Path file;
    private final Map<String, List<String>> values = new LinkedHashMap<>();

    private DataYaml(Path file) {
        this.file = file;
    }

    /**
     * Reads a file.
     *
     * @throws IOException if it cannot be read, or in one sentence, if its names are no list
     */
    static DataYaml read(Path file) throws IOException {
        DataYaml yaml = new DataYaml(file);
        String key = null;
        StringBuilder flow = null;
        List<String> block = new ArrayList<>();
        for (String raw : YoloFile.lines(file)) {
            String line = uncommented(raw);
            if (line.isBlank() || line.startsWith("---")) {
                continue;
            }
            if (flow != null) { // a list in brackets goes on
                flow.append(' ').append(line.strip());
                flow = yaml.closed(key, flow);
                continue;
            }
            Matcher matcher = KEY.matcher(line);
            boolean top = !Character.isWhitespace(line.charAt(0)) && !line.startsWith("-");
            if (top && matcher.matches()) {
                yaml.addBlock(key, block);
                key = matcher.group(1);
                String value = matcher.group(2) == null ? "" : matcher.group(2).strip();
                if (value.startsWith("[") || value.startsWith("{")) {
                    flow = yaml.closed(key, new StringBuilder(value));
                } else if (!value.isEmpty()) {
                    yaml.values.put(key, List.of(unquoted(value)));
                }
            } else if (key != null) {
                block.add(line.strip());
            }
        }
        yaml.addBlock(key, block);
        return yaml;
    }

    /** Returns null once the bracket is closed. */
    private StringBuilder closed(String key, StringBuilder flow) throws IOException {
        char close = flow.charAt(0) == '[' ? ']' : '}';
        if (flow.charAt(flow.length() - 1) != close) {
            return flow;
        }
        List<String> items = split(flow.substring(1, flow.length() - 1));
        values.put(
                key,
                close == ']' ? items.stream().map(DataYaml::unquoted).toList() : numbered(items));
        return null;
    }

    private void addBlock(String key, List<String> lines) throws IOException {
        if (!lines.isEmpty() && !values.containsKey(key)) {
            boolean list = lines.stream().allMatch(line -> line.startsWith("-"));
            values.put(
                    key,
                    list
                            ? lines.stream()
                                    .map(line -> unquoted(line.substring(1).strip()))
                                    .toList()
                            : numbered(lines));
        }
        lines.clear();
    }

    /** Values by their numbers; empty if they are something else, which nobody asks for. */
    private List<String> numbered(List<String> items) throws IOException {
        Map<Integer, String> byNumber = new TreeMap<>();
        for (String item : items) {
            Matcher matcher = NUMBERED.matcher(item.strip());
            if (!matcher.matches()) {
                return List.of();
            }
            byNumber.put(Integer.valueOf(matcher.group(1)), unquoted(matcher.group(2).strip()));
        }
        List<String> list = List.copyOf(byNumber.values());
        if (!list.isEmpty() && !byNumber.containsKey(list.size() - 1)) {
            throw new IOException(
                    "The names in '%s' are not numbered from 0 without gaps; number them so."
                            .formatted(file));
        }
        return list;
    }

    /** At commas that are not in quotes. */
    private static List<String> split(String text) {
        List<String> items = new ArrayList<>();
        StringBuilder item = new StringBuilder();
        char quote = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (quote == 0 && c == ',') {
                items.add(item.toString().strip());
                item.setLength(0);
                continue;
            }
            quote = quote == c ? 0 : quote == 0 && (c == '"' || c == '\'') ? c : quote;
            item.append(c);
        }
        if (!item.toString().isBlank()) {
            items.add(item.toString().strip());
        }
        return items;
    }

    private static String uncommented(String line) {
        char quote = 0;
        for (int i = 0; i < line.length(); i++) {
            char c = line.charAt(i);
            if (quote == 0 && c == '#' && (i == 0 || Character.isWhitespace(line.charAt(i - 1)))) {
                return line.substring(0, i).stripTrailing();
            }
            boolean opens =
                    (c == '"' || c == '\'')
                            && (i == 0 || " \t[{,:-".indexOf(line.charAt(i - 1)) >= 0);
            quote = quote == c ? 0 : quote == 0 && opens ? c : quote;
        }
        return line.stripTrailing();
    }

    private static String unquoted(String text) {
        if (text.length() > 1 && text.startsWith("'") && text.endsWith("'")) {
            return text.substring(1, text.length() - 1).replace("''", "'");
        }
        if (text.length() > 1 && text.startsWith("\"") && text.endsWith("\"")) {
            return text.substring(1, text.length() - 1).replace("\\\"", "\"").replace("\\\\", "\\");
        }
        return text;
    }

    /** A key's texts; empty if there is no such key. */
    List<String> get(String key) {
        return values.getOrDefault(key, List.of());
    }
}
