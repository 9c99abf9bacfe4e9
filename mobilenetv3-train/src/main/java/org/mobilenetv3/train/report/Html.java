package org.mobilenetv3.train.report;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** Builds an HTML page that is well-formed XML too. Text is escaped, markup is not. */
public final class Html {

    private final StringBuilder out = new StringBuilder();

    /** Escapes text for content and for attributes in double quotes. */
    public static String escape(String text) {
        StringBuilder escaped = new StringBuilder(text.length());
        text.codePoints()
                .forEach(
                        c -> {
                            switch (c) {
                                case '&' -> escaped.append("&amp;");
                                case '<' -> escaped.append("&lt;");
                                case '>' -> escaped.append("&gt;");
                                case '"' -> escaped.append("&quot;");
                                default -> escaped.appendCodePoint(shown(c));
                            }
                        });
        return escaped.toString();
    }

    /** File names may hold what neither HTML nor XML allows. */
    private static int shown(int c) {
        boolean control = c < 0x20 && c != '\t' && c != '\n';
        boolean surrogate = c >= 0xD800 && c <= 0xDFFF;
        return control || surrogate || c == 0xFFFE || c == 0xFFFF ? '\uFFFD' : c;
    }

    /** Adds markup. */
    public Html raw(String markup) {
        out.append(markup);
        return this;
    }

    /** Adds markup with escaped values in the places of {@code %s}. */
    public Html add(String markup, Object... values) {
        Object[] escaped = new Object[values.length];
        for (int i = 0; i < values.length; i++) {
            escaped[i] = escape(String.valueOf(values[i]));
        }
        out.append(markup.formatted(escaped));
        return this;
    }

    /** Adds drawings under a heading, or says why there are none. */
    public Html figures(String heading, Optional<List<Figure>> figures) {
        if (figures.isEmpty()) {
            return raw(
                    "<p class=\"note\">No pictures: this Java has no fonts to draw with; install fontconfig and a font, such as Debian's fonts-dejavu-core.</p>\n");
        }
        add("<section><h2>%s</h2>\n<div class=\"figures\">\n", heading);
        for (Figure figure : figures.get()) {
            raw("<figure>" + figure.inline() + "</figure>\n");
        }
        return raw("</div></section>\n");
    }

    /** Adds a picture as part of the page; its class may be empty. */
    public Html picture(String kind, String alt, BufferedImage picture) {
        return add("<img class=\"%s\" alt=\"%s\" src=\"%s\"/>", kind, alt, DataUrl.of(picture));
    }

    /** Adds a figure of importance; a class of {@code first} makes it stand out. */
    public Html tile(String kind, String what, String value, String more) {
        return add(
                "<div class=\"%s\"><dt>%s</dt><dd>%s</dd><dd class=\"more\">%s</dd></div>\n",
                kind, what, value, more);
    }

    /** Adds a table whose first columns are names, the others figures. */
    public Html table(int names, List<String> header, List<List<String>> rows) {
        return table(
                IntStream.range(0, header.size()).mapToObj(i -> i < names).toList(), header, rows);
    }

    /** Adds a table that scrolls within its box. */
    public Html table(List<Boolean> names, List<String> header, List<List<String>> rows) {
        raw("<div class=\"scroll\"><table><thead>");
        row("th", names, header);
        raw("</thead><tbody>\n");
        rows.forEach(row -> row("td", names, row));
        return raw("</tbody></table></div>\n");
    }

    private void row(String element, List<Boolean> names, List<String> cells) {
        raw("<tr>");
        for (int i = 0; i < cells.size(); i++) {
            raw("<" + element + (names.get(i) ? " class=\"name\">" : ">"));
            add("%s", cells.get(i)).raw("</" + element + ">");
        }
        raw("</tr>\n");
    }

    /** Puts head, style sheet and frame around what was added. */
    public String page(String title) {
        return """
                <!DOCTYPE html>
                <html lang="en">
                <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <meta name="color-scheme" content="light dark"/>
                <title>%s</title>
                <style>
                %s</style>
                </head>
                <body>
                <main>
                %s</main>
                </body>
                </html>
                """
                .formatted(escape(title), styleSheet(), out);
    }

    private static String styleSheet() {
        try (InputStream in = Html.class.getResourceAsStream("page.css")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e); // it is in the same jar
        }
    }
}
