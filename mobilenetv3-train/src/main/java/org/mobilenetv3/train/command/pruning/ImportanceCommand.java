package org.mobilenetv3.train.command.pruning;

import ai.djl.Device;
import ai.djl.util.JsonUtils;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.mobilenetv3.cli.ArchOption;
import org.mobilenetv3.cli.ComputeOptions;
import org.mobilenetv3.cli.WeightNotes;
import org.mobilenetv3.cli.WeightsOption;
import org.mobilenetv3.io.TextTable;
import org.mobilenetv3.train.data.Splits;
import org.mobilenetv3.train.pruning.Criterion;
import org.mobilenetv3.train.pruning.Importance;
import org.mobilenetv3.train.pruning.ImportanceReport;
import org.mobilenetv3.trained.PackageNet;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Ranks a net's channels by their importance. */
@Command(
        name = "importance",
        description =
                "Rank the channels of a trained net by importance: magnitude of weights, batch"
                        + " norm's scale, effect on the loss, and a random control.",
        footer = {
            "%nExamples:",
            "  mobilenetv3 importance --weights runs/NAME/best --dataset fashion-mnist",
            "  mobilenetv3 importance --weights small"
        })
final class ImportanceCommand implements Callable<Integer> {

    @Mixin private WeightsOption weights;
    @Mixin private ArchOption arch = new ArchOption();
    @Mixin private ScoringOptions scoring;
    @Mixin private ComputeOptions compute;

    @Option(
            names = "--out",
            paramLabel = "FILE",
            description =
                    "The page; the scores go beside it as a .csv (default: ${DEFAULT-VALUE}).",
            defaultValue = "importance.html")
    private Path out;

    @Option(names = "--json", description = "Print all scores as JSON on standard output.")
    private boolean json;

    @Override
    public Integer call() throws IOException {
        if (out.getFileName().equals(ImportanceReport.csv(out).getFileName())) {
            throw new IllegalArgumentException(
                    "--out is the page, for instance ranks.html; the scores go beside it as a .csv.");
        }
        Path path = weights.locate();
        Device device = compute.start();
        List<Importance> all = new ArrayList<>();
        Map<String, int[]> dead;
        String name;
        try (PackageNet net = PackageNet.open(path, arch.read(), device)) {
            WeightNotes.tell(net);
            name = net.description().architecture().name();
            long seed = scoring.seed(net.description());
            for (Criterion criterion : Criterion.values()) {
                if (criterion != Criterion.TAYLOR) {
                    all.add(Importance.of(net, criterion, seed));
                }
            }
            dead = Importance.dead(net);
            if (scoring.areGiven()) {
                Splits splits = scoring.read(net.description(), path);
                all.add(Importance.taylor(net, splits.train(), scoring.images(), seed));
            } else {
                System.err.println(
                        "note: without --dataset nothing is judged by its effect on the loss (taylor).");
            }
        }
        ImportanceReport report = new ImportanceReport(name, path.toString(), all, dead);
        report.write(out);
        if (json) {
            System.out.println(JsonUtils.GSON_PRETTY.toJson(result(all, dead)));
            return 0;
        }
        TextTable.lines(1, report.header(), report.rows()).forEach(System.out::println);
        System.out.printf(
                Locale.ROOT,
                "%nPercent: what the better half of a block's channels holds of the block's importance; 50 %% means that all matter alike.%n");
        dead.forEach(
                (group, channels) ->
                        System.out.printf(
                                "%s: dead already: %s%n",
                                group,
                                Arrays.stream(channels)
                                        .mapToObj(Integer::toString)
                                        .collect(Collectors.joining(", "))));
        System.out.printf("%nPage: %s%nScores: %s%n", out, ImportanceReport.csv(out));
        return 0;
    }

    private Map<String, Object> result(List<Importance> all, Map<String, int[]> dead) {
        List<Map<String, Object>> groups = new ArrayList<>();
        for (int g = 0; g < all.get(0).groups().size(); g++) {
            Map<String, Object> row = new LinkedHashMap<>();
            String group = all.get(0).groups().get(g).group().name();
            row.put("group", group);
            row.put("channels", all.get(0).groups().get(g).group().width());
            row.put("dead", dead.getOrDefault(group, new int[0]));
            for (Importance importance : all) {
                row.put(importance.criterion().toString(), importance.groups().get(g).scores());
            }
            groups.add(row);
        }
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("page", out.toString());
        result.put("csv", ImportanceReport.csv(out).toString());
        result.put("groups", groups);
        return result;
    }
}
