package org.mobilenetv3.runtime;

import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What {@link TorchRuntime} found on this machine and did about it, in the order in which it was
 * found.
 *
 * @param lines one finding each
 */
public record RuntimeReport(List<Line> lines) {

    /**
     * One finding.
     *
     * @param name what it is about, such as {@code "CPU caches"}
     * @param value what was found or set
     * @param source where that comes from or why it was done; may be empty
     */
    public record Line(String name, String value, String source) {

        /** Returns the line as {@code name: value (source)}. */
        @Override
        public String toString() {
            return name + ": " + value + (source.isEmpty() ? "" : " (" + source + ")");
        }
    }

    /** Creates a report of these lines. */
    public RuntimeReport {
        lines = List.copyOf(lines);
    }

    /** Returns the value of the line with this name, if there is one. */
    public Optional<String> value(String name) {
        return lines.stream().filter(x -> x.name().equals(name)).map(Line::value).findFirst();
    }

    /** Returns this report with the line of the same name replaced. */
    RuntimeReport with(Line line) {
        return new RuntimeReport(
                lines.stream().map(x -> x.name().equals(line.name()) ? line : x).toList());
    }

    /** Returns the lines as text, one below the other. */
    @Override
    public String toString() {
        return lines.stream().map(Line::toString).collect(Collectors.joining("\n"));
    }
}
