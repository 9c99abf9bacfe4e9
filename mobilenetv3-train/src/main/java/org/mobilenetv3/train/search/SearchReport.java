package org.mobilenetv3.train.search;

import ai.djl.util.JsonUtils;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import org.mobilenetv3.Architecture;
import org.mobilenetv3.elastic.Subnet;
import org.mobilenetv3.io.WholeFile;
import org.mobilenetv3.nn.InvertedResidual;
import org.mobilenetv3.runtime.Launcher;
import org.mobilenetv3.train.cost.Cost;
import org.mobilenetv3.train.report.Curves;
import org.mobilenetv3.train.report.Drawing;
import org.mobilenetv3.train.report.Html;
import org.mobilenetv3.train.report.Scatter;
import org.mobilenetv3.train.run.ProgressLine;

/**
 * What a search found, for people and machines.
 *
 * @param result what it found
 * @param cost what counted
 * @param others other nets to show beside the candidates
 * @param check candidates that were trained alone, or null
 */
public record SearchReport(SearchResult result, Cost cost, List<Other> others, Check check) {

    /**
     * A net of another making.
     *
     * @param name for people
     * @param cost in the limit's unit
     * @param top1 on the validation images that candidates are scored on, 0 to 1
     */
    public record Other(String name, double cost, double top1) {}

    private static final List<String> NET = List.of("block", "kernel", "channels", "out", "gate");

    /**
     * Writes {@code architecture.json}, {@code result.json} and {@code report.html}, and prints the
     * result.
     *
     * @param directory of the search
     * @param log where people read
     * @param json whether the result goes to standard output for machines, too
     * @throws IOException if a file cannot be written
     */
    public void write(Path directory, PrintStream log, boolean json) throws IOException {
        Path architecture = directory.resolve("architecture.json");
        WholeFile.write(architecture, JsonUtils.GSON_PRETTY.toJson(result.architecture()) + "\n");
        Map<String, Object> machine = forMachines(directory);
        WholeFile.write(
                directory.resolve("result.json"), JsonUtils.GSON_PRETTY.toJson(machine) + "\n");
        Path page = directory.resolve("report.html");
        String summary = summary();
        WholeFile.write(page, page(summary));
        log.printf("%n%s%n", summary);
        log.printf(
                "%nNet: %s%nPackage: %s%n%sPage: %s%nTrain it anew:%n  %s train --arch %s%n",
                architecture,
                Search.tuned(directory).best(),
                result.settings().subnets() == 0
                        ? ""
                        : "Elastic package: %s%n".formatted(directory.resolve(Search.ELASTIC)),
                page,
                Launcher.program(),
                architecture);
        if (json) {
            System.out.println(JsonUtils.GSON_PRETTY.toJson(machine));
        }
    }

    private String summary() throws IOException {
        Scored winner = result.winner();
        OptionalDouble measured = cost.measured(result.architecture());
        return String.format(
                        Locale.ROOT,
                        "%s%s: validation top-1 %.2f %% with the supernet's weights, test top-1 %.2f %% after %d epochs alone",
                        cost.text(winner.cost()),
                        measured.isEmpty()
                                ? ""
                                : String.format(
                                        Locale.ROOT,
                                        " (measured: %.3f ms)",
                                        measured.getAsDouble()),
                        100 * winner.top1(),
                        100 * result.tested().top1(),
                        result.settings().tuneEpochs())
                + (check == null
                        ? ""
                        : String.format(
                                Locale.ROOT,
                                "%nKendall's tau of supernet and training alone: %.2f, of %d nets",
                                check.kendall(),
                                check.nets().size()));
    }

    private Map<String, Object> forMachines(Path directory) {
        Map<String, Object> machine = new LinkedHashMap<>();
        machine.put("architecture", directory.resolve("architecture.json").toString());
        machine.put("package", Search.tuned(directory).best().toString());
        machine.put("cost", result.winner().cost());
        machine.put("unit", result.settings().limit().unit().name().toLowerCase(Locale.ROOT));
        machine.put("validationTop1", result.winner().top1());
        machine.put("testTop1", result.tested().top1());
        machine.put("testLoss", result.tested().loss());
        machine.put("seconds", result.seconds());
        if (result.randomWinner() != null) {
            machine.put("randomValidationTop1", result.randomWinner().top1());
        }
        if (check != null && !Double.isNaN(check.kendall())) { // JSON has no NaN
            machine.put("kendall", check.kendall());
        }
        if (!others.isEmpty()) {
            machine.put("others", others);
        }
        return machine;
    }

    private String page(String summary) throws IOException {
        SearchSettings settings = result.settings();
        String base = settings.space().whole().name().replace("_supernet", "");
        Html html = new Html();
        html.add("<header><h1>The best net around %s</h1>\n", base);
        html.add(
                "<p>%s, at most %s</p></header>\n",
                settings.run().dataset(), cost.text(settings.limit().value()));
        html.add("<p>%s</p>\n", summary);
        html.figures("Candidates", Drawing.of(() -> List.of(scatter().draw())));
        html.add(
                "<p>Validation top-1 with the supernet's weights, on %s images, of %s candidates%s; the space has %s nets. The front are those that no cheaper one equals.</p>\n",
                settings.scoredImages(),
                settings.candidates(),
                settings.random() == 0
                        ? ""
                        : String.format(
                                Locale.ROOT, " and of %d drawn at random", settings.random()),
                settings.space().size());
        table(html, "Front", result.front());
        if (settings.random() > 0) {
            table(html, "Front of those drawn at random", result.randomFront());
        }
        others(html);
        check(html);
        net(html);
        time(html);
        html.raw("<footer>Made by MobileNetV3 for the JVM.</footer>\n");
        return html.page("The best net around " + base);
    }

    /**
     * Plots what candidates cost and how good they are.
     *
     * @return validation top-1 against cost
     */
    public Scatter scatter() {
        List<Scatter.Cloud> clouds = new ArrayList<>();
        clouds.add(cloud("candidates", only(false), false));
        clouds.add(cloud("front", result.front(), true));
        if (result.settings().random() > 0) {
            clouds.add(cloud("at random", only(true), false));
        }
        clouds.add(cloud("the winner", List.of(result.winner()), false));
        if (!others.isEmpty()) {
            clouds.add(
                    new Scatter.Cloud(
                            "others",
                            others.stream().mapToDouble(o -> o.cost / scale()).toArray(),
                            others.stream().mapToDouble(o -> 100 * o.top1).toArray(),
                            false));
        }
        return new Scatter("front", "Validation top-1, %", unit(), clouds, Curves::plain);
    }

    private List<Scored> only(boolean random) {
        return result.scored().stream().filter(s -> s.random() == random).toList();
    }

    private Scatter.Cloud cloud(String name, List<Scored> of, boolean joined) {
        return new Scatter.Cloud(
                name,
                of.stream().mapToDouble(s -> s.cost() / scale()).toArray(),
                of.stream().mapToDouble(s -> 100 * s.top1()).toArray(),
                joined);
    }

    private String unit() {
        return switch (result.settings().limit().unit()) {
            case MULTIPLY_ADDS -> "million multiply-adds";
            case PARAMETERS -> "million parameters";
            case MILLISECONDS -> "milliseconds";
        };
    }

    private double scale() {
        return result.settings().limit().unit() == Limit.Unit.MILLISECONDS ? 1 : 1e6;
    }

    private void table(Html html, String title, List<Scored> front) throws IOException {
        List<String> head = new ArrayList<>(List.of("cost", "validation top-1", "loss"));
        if (result.settings().limit().unit() == Limit.Unit.MILLISECONDS) {
            head.add("measured");
        }
        List<List<String>> rows = new ArrayList<>();
        for (Scored one : front) {
            List<String> row = new ArrayList<>();
            row.add(cost.text(one.cost()));
            row.add(percent(one.top1()));
            row.add(String.format(Locale.ROOT, "%.4f", one.loss()));
            OptionalDouble measured = cost.measured(subnet(one).part());
            if (measured.isPresent()) {
                row.add(String.format(Locale.ROOT, "%.3f ms", measured.getAsDouble()));
            }
            rows.add(row);
        }
        html.add("<section><h2>%s</h2>\n", title);
        html.table(1, head, rows).raw("</section>\n");
    }

    private Subnet subnet(Scored scored) {
        return result.settings().space().subnet(scored.candidate());
    }

    private void others(Html html) {
        if (others.isEmpty()) {
            return;
        }
        html.raw("<section><h2>Other nets</h2>\n");
        html.table(
                1,
                List.of("net", "cost", "validation top-1"),
                others.stream()
                        .map(o -> List.of(o.name, cost.text(o.cost), percent(o.top1)))
                        .toList());
        html.raw("</section>\n");
    }

    private void check(Html html) {
        if (check == null) {
            return;
        }
        html.raw("<section><h2>Does the supernet rank nets as training alone does?</h2>\n");
        html.add(
                "<p>Kendall's tau is %s, for %s candidates that were trained alone for %s epochs.</p>\n",
                String.format(Locale.ROOT, "%.2f", check.kendall()),
                check.nets().size(),
                result.settings().run().recipe().epochs());
        html.table(
                1,
                List.of("cost", "validation top-1, supernet's weights", "test top-1, alone"),
                check.nets().stream()
                        .map(
                                n ->
                                        List.of(
                                                cost.text(n.scored().cost()),
                                                percent(n.scored().top1()),
                                                percent(n.top1())))
                        .toList());
        html.raw("</section>\n");
    }

    private static String percent(double share) {
        return String.format(Locale.ROOT, "%.2f %%", 100 * share);
    }

    private void net(Html html) {
        Subnet subnet = subnet(result.winner());
        Architecture part = subnet.part();
        List<List<String>> rows = new ArrayList<>();
        int at = 0;
        for (int i = 0; i < subnet.whole().blocks().size(); i++) {
            boolean kept = subnet.rows().contains(i);
            InvertedResidual.Spec row =
                    kept ? (InvertedResidual.Spec) part.blocks().get(at++) : null;
            rows.add(
                    kept
                            ? List.of(
                                    String.valueOf(i + 1),
                                    String.valueOf(row.kernel()),
                                    String.valueOf(row.expanded()),
                                    String.valueOf(row.out()),
                                    row.squeeze() == 0 ? "" : String.valueOf(row.squeeze()))
                            : List.of(String.valueOf(i + 1), "left out", "", "", ""));
        }
        html.raw("<section><h2>The winner</h2>\n");
        html.table(1, NET, rows).raw("</section>\n");
    }

    private void time(Html html) {
        List<List<String>> rows = new ArrayList<>();
        Integer threads = result.settings().run().threads();
        int cores = threads == null ? Runtime.getRuntime().availableProcessors() : threads;
        double sum = 0;
        for (Map.Entry<String, Double> stage : result.seconds().entrySet()) {
            rows.add(row(stage.getKey(), stage.getValue(), cores));
            sum += stage.getValue();
        }
        rows.add(row("together", sum, cores));
        html.add("<section><h2>Time, with %s threads</h2>\n", cores);
        html.table(1, List.of("stage", "time", "core hours"), rows).raw("</section>\n");
    }

    private static List<String> row(String stage, double seconds, int cores) {
        return List.of(
                stage,
                ProgressLine.format(Duration.ofSeconds(Math.round(seconds))),
                String.format(Locale.ROOT, "%.2f", seconds * cores / 3600));
    }
}
