package org.mobilenetv3.train.command;

import ai.djl.util.JsonUtils;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.mobilenetv3.train.report.comparison.Comparison;
import org.mobilenetv3.train.report.comparison.Comparison.Group;
import org.mobilenetv3.train.report.comparison.ComparisonTable;
import org.mobilenetv3.train.run.RunResult;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Puts runs side by side, as a table and as a page with their curves; needs no engine. */
@Command(
        name = "compare",
        description = "Put runs side by side: a table here, their curves in an HTML page.",
        footer = {"%nExample:", "  mobilenetv3 compare runs/*"})
final class CompareCommand implements Callable<Integer> {

    @Parameters(paramLabel = "RUN", arity = "1..*", description = "Run directories.")
    private List<Path> directories;

    @Option(
            names = "--out",
            paramLabel = "FILE",
            description = "The page (default: ${DEFAULT-VALUE}).",
            defaultValue = "compare.html")
    private Path out;

    @Option(names = "--json", description = "Print the table as JSON on standard output.")
    private boolean json;

    @Override
    public Integer call() throws IOException {
        Comparison comparison =
                Comparison.read(directories, left -> System.err.println("Left out: " + left));
        if (json) {
            comparison.write(out);
            System.out.println(JsonUtils.GSON_PRETTY.toJson(Result.of(comparison, out)));
            return 0;
        }
        show(comparison, out);
        return 0;
    }

    /** Prints the table and writes the page. */
    static void show(Comparison comparison, Path page) throws IOException {
        comparison.write(page);
        ComparisonTable.of(comparison).lines().forEach(System.out::println);
        List<Group> groups = comparison.groups();
        if (!groups.isEmpty()) {
            System.out.println();
            groups.forEach(g -> System.out.println(ComparisonTable.describe(g)));
        }
        System.out.printf("%nCurves: %s%n", page);
    }

    /** The result for machines. */
    private record Result(String page, List<Row> runs, List<SeedGroup> groups) {
        static Result of(Comparison comparison, Path out) {
            return new Result(
                    out.toString(),
                    comparison.runs().stream().map(Row::of).toList(),
                    comparison.groups().stream().map(SeedGroup::of).toList());
        }
    }

    private record Row(
            String run,
            String dataset,
            String net,
            String recipe,
            long seed,
            int epochsDone,
            int epochs,
            double bestValidationTop1,
            int bestEpoch,
            Double testTop1,
            double imagesPerSecond,
            double trainSeconds) {
        static Row of(Comparison.Run run) {
            return new Row(
                    run.name(),
                    run.settings().dataset(),
                    run.settings().architecture().name(),
                    run.settings().recipe().name(),
                    run.settings().seed(),
                    run.history().size(),
                    run.settings().recipe().epochs(),
                    run.best().validationScore(),
                    run.best().epoch(),
                    run.result().map(RunResult::top1).orElse(null),
                    run.imagesPerSecond(),
                    run.seconds());
        }
    }

    private record SeedGroup(
            List<String> runs, List<Long> seeds, double meanTestTop1, double deviation) {
        static SeedGroup of(Group group) {
            return new SeedGroup(
                    group.runs().stream().map(Comparison.Run::name).toList(),
                    group.seeds(),
                    group.meanTop1(),
                    group.deviation());
        }
    }
}
