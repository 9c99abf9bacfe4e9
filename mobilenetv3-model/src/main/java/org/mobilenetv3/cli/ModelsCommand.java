package org.mobilenetv3.cli;

import ai.djl.ndarray.types.Shape;
import ai.djl.util.JsonUtils;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.mobilenetv3.MobileNetV3;
import org.mobilenetv3.Presets;
import org.mobilenetv3.download.DownloadListener;
import org.mobilenetv3.graph.Graph;
import org.mobilenetv3.graph.LayerCost;
import org.mobilenetv3.preprocessing.Preprocessing;
import org.mobilenetv3.pretrained.Pretrained;
import org.mobilenetv3.pretrained.Pretrained.RemoteWeights;
import org.mobilenetv3.pretrained.Pretrained.Task;
import org.mobilenetv3.pretrained.WeightsLocator;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Lists published weights, describes one, and fetches them. */
@Command(
        name = "models",
        description =
                "List published weights, which --weights takes by name; with a name, say all that is"
                        + " known of them.",
        subcommands = ModelsCommand.Get.class,
        footer = {
            "%nExamples:",
            "  mobilenetv3 models",
            "  mobilenetv3 models large",
            "  mobilenetv3 models get large timm/mobilenetv3_small_100.lamb_in1k"
        })
final class ModelsCommand implements Callable<Integer> {

    private static final String COLUMNS = "  %10s  %9s  %5s  %5s  %5s  %s";

    @Parameters(
            arity = "0..1",
            paramLabel = "NAME",
            completionCandidates = WeightsOption.Names.class,
            description = "Whose card to show.")
    private String name;

    @Option(names = "--json", description = "Print the result as JSON on standard output.")
    private boolean json;

    /** Fetches weights for later. */
    @Command(
            name = "get",
            description =
                    "Fetch weights, so that they are here without a network, and print where.")
    static final class Get implements Callable<Integer> {

        @Parameters(
                arity = "1..*",
                paramLabel = "NAME",
                completionCandidates = WeightsOption.Names.class,
                description =
                        "Names that 'models' lists, hf:OWNER/NAME[@REVISION], or https addresses.")
        private List<String> names;

        @Option(names = "--json", description = "Print the result as JSON on standard output.")
        private boolean json;

        /** Where a name's weights are. */
        private record Fetched(String name, String path) {}

        @Override
        public Integer call() throws IOException {
            List<Fetched> all = new ArrayList<>();
            for (String name : names) {
                Path path = fetch(name).toAbsolutePath();
                all.add(new Fetched(name, path.toString()));
                if (!json) {
                    System.out.println(path);
                }
            }
            if (json) {
                System.out.println(JsonUtils.GSON_PRETTY.toJson(all));
            }
            return 0;
        }
    }

    /** Those, too, that no command runs. */
    private static Path fetch(String name) throws IOException {
        Optional<Pretrained> published = Pretrained.find(name);
        if (published.isEmpty()) {
            return WeightsOption.locate(name);
        }
        try (ConsoleProgress progress = new ConsoleProgress()) {
            return new WeightsLocator(progress).fetch(published.get());
        }
    }

    /**
     * What is known of one.
     *
     * @param published the registry's record
     * @param multiplyAdds of one image of the input's size; null where the net is not run here
     * @param path where the weights lie; null if they are not here
     */
    private record Card(Pretrained published, Long multiplyAdds, String path) {

        static Card of(Pretrained one, Map<String, Long> costs) throws IOException {
            Optional<Path> here = new WeightsLocator(DownloadListener.SILENT).find(one);
            return new Card(one, cost(one, costs), here.map(Path::toString).orElse(null));
        }

        /** Nets of the same table and size cost the same. */
        private static Long cost(Pretrained one, Map<String, Long> costs) {
            if (!one.isRunnable()) {
                return null;
            }
            int height = one.input().height();
            int width = one.input().width();
            return costs.computeIfAbsent(
                    one.architecture() + " " + height + "x" + width + " " + one.classes(),
                    key ->
                            Graph.trace(
                                            MobileNetV3.of(
                                                    Presets.of(one.architecture())
                                                            .withClasses(one.classes())),
                                            new Shape(1, one.input().channels(), height, width))
                                    .cost()
                                    .stream()
                                    .mapToLong(LayerCost::multiplyAdds)
                                    .sum());
        }

        String line(int width) {
            return String.format(
                            Locale.ROOT,
                            "%-" + width + "s" + COLUMNS,
                            title(),
                            String.format(Locale.ROOT, "%.2f M", published.parameters() / 1e6),
                            multiplyAdds == null ? "" : mega(multiplyAdds),
                            published.top1() == null
                                    ? ""
                                    : String.format(Locale.ROOT, "%.2f", published.top1()),
                            published.input() == null
                                    ? ""
                                    : InputSize.text(published.input().fit()),
                            published.size(),
                            path == null ? "" : "yes")
                    .stripTrailing();
        }

        /** The name, a short one if there is one, and what it is for if that is not classes. */
        String title() {
            List<String> more =
                    new ArrayList<>(
                            published.aliases().stream()
                                    .filter(alias -> !alias.contains("/"))
                                    .toList());
            if (published.task() != Task.CLASSIFICATION) {
                more.add(published.task().name().toLowerCase(Locale.ROOT));
            }
            return published.name() + (more.isEmpty() ? "" : " (" + String.join(", ", more) + ")");
        }

        private static String mega(long multiplyAdds) {
            return String.format(Locale.ROOT, "%.1f M", multiplyAdds / 1e6);
        }

        List<String> lines() {
            List<String> lines = new ArrayList<>();
            lines.add(published.name());
            add(lines, "also called", String.join(", ", published.aliases()));
            add(
                    lines,
                    "for",
                    published.task() == Task.CLASSIFICATION
                            ? String.format(Locale.ROOT, "%,d classes", published.classes())
                            : published.task().name().toLowerCase(Locale.ROOT)
                                    + (published.isRunnable()
                                            ? String.format(
                                                    Locale.ROOT,
                                                    ", %,d classes",
                                                    published.classes())
                                            : ", which this version does not run"));
            add(lines, "architecture", published.architecture());
            add(
                    lines,
                    "size",
                    String.format(
                            Locale.ROOT,
                            "%,d parameters%s, %s",
                            published.parameters(),
                            multiplyAdds == null
                                    ? ""
                                    : ", " + mega(multiplyAdds) + " multiply-adds",
                            published.size()));
            Preprocessing input = published.input();
            if (input != null) {
                add(
                        lines,
                        "input",
                        input.fit().describe() + "; " + input.normalization().describe());
            }
            if (published.top1() != null) {
                add(
                        lines,
                        "ImageNet",
                        String.format(
                                Locale.ROOT,
                                "top-1 %.3f %%%s, as published",
                                published.top1(),
                                published.top5() == null
                                        ? ""
                                        : String.format(
                                                Locale.ROOT, ", top-5 %.3f %%", published.top5())));
            }
            add(lines, "source", published.source());
            add(lines, "page", published.page());
            for (RemoteWeights file : published.files()) {
                add(lines, "file", file.address());
                add(
                        lines,
                        "  SHA-256",
                        file.sha256() == null
                                ? "not published"
                                : file.sha256()
                                        + (file.sha256().length() < 64
                                                ? "... (its beginning)"
                                                : ""));
            }
            add(lines, "license", published.license() + ". " + Pretrained.TERMS);
            add(
                    lines,
                    "here",
                    path == null
                            ? "no; 'models get " + published.shortName() + "' fetches it"
                            : path);
            return lines;
        }

        private static void add(List<String> lines, String key, String value) {
            if (value != null && !value.isBlank()) {
                lines.add(String.format(Locale.ROOT, "  %-14s  %s", key, value));
            }
        }
    }

    @Override
    public Integer call() throws IOException {
        Map<String, Long> costs = new HashMap<>();
        if (name != null) {
            Pretrained one =
                    Pretrained.find(name)
                            .orElseThrow(
                                    () ->
                                            new IllegalArgumentException(
                                                    "There are no published weights called %s; 'models' lists the names."
                                                            .formatted(name)));
            Card card = Card.of(one, costs);
            System.out.println(
                    json ? JsonUtils.GSON_PRETTY.toJson(card) : String.join("\n", card.lines()));
            return 0;
        }
        List<Card> cards = new ArrayList<>();
        for (Pretrained one : Pretrained.all()) {
            cards.add(Card.of(one, costs));
        }
        if (json) {
            System.out.println(JsonUtils.GSON_PRETTY.toJson(cards));
            return 0;
        }
        int width = cards.stream().mapToInt(card -> card.title().length()).max().orElse(0);
        System.out.printf(
                "%-" + width + "s" + COLUMNS + "%n",
                "name",
                "parameters",
                "mult-adds",
                "top-1",
                "input",
                "file",
                "here");
        cards.forEach(card -> System.out.println(card.line(width)));
        System.out.println();
        System.out.println(
                "top-1: percent on ImageNet's validation images, as published. "
                        + Pretrained.TERMS);
        return 0;
    }
}
