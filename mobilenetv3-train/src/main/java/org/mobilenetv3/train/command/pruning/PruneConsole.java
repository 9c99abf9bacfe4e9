package org.mobilenetv3.train.command.pruning;

import ai.djl.util.JsonUtils;
import com.google.gson.annotations.SerializedName;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.mobilenetv3.Architecture;
import org.mobilenetv3.io.TextTable;
import org.mobilenetv3.runtime.Launcher;
import org.mobilenetv3.train.cost.Cost;
import org.mobilenetv3.train.cost.Latency;
import org.mobilenetv3.train.pruning.NetAdapt;
import org.mobilenetv3.train.pruning.PruningReport;

/**
 * Says what was removed.
 *
 * @param log where people read
 * @param json whether the result goes to standard output for machines
 */
record PruneConsole(PrintStream log, boolean json) {

    /**
     * Writes the page and prints the result.
     *
     * @param directory holds the package
     * @param report what was removed
     * @param difference of the logits from the masked net's; null if it was cut in steps, each of
     *     which was checked
     * @throws IOException if the page cannot be written
     */
    void report(Path directory, PruningReport report, Double difference) throws IOException {
        Path page = directory.resolve("report.html");
        Path target = directory.resolve(NetAdapt.RESULT);
        report.write(page);
        if (json) {
            System.out.println(
                    JsonUtils.GSON_PRETTY.toJson(result(target, page, report, difference)));
            return;
        }
        TextTable.lines(1, report.header(), report.rows()).forEach(log::println);
        log.printf("%n%s%n", report.summary());
        if (report.cost() instanceof Latency latency) {
            log.printf(
                    Locale.ROOT,
                    "Measured: %.3f ms before, %.3f ms now.%n",
                    latency.milliseconds(report.whole()),
                    latency.milliseconds(report.pruned()));
        }
        if (difference != null) {
            log.printf(Locale.ROOT, "Logits differ from the masked net's by %.1e.%n", difference);
        }
        log.printf(
                "%nPackage: %s%nPage: %s%nTrain it further:%n  %s train --weights %s --recipe prune --dataset NAME%n  %s finetune --weights %s --data FOLDER%n",
                target, page, Launcher.program(), target, Launcher.program(), target);
    }

    private static Result result(Path target, Path page, PruningReport report, Double difference)
            throws IOException {
        Latency latency = report.cost() instanceof Latency timed ? timed : null;
        return new Result(
                target.toString(),
                page.toString(),
                Cost.multiplyAdds(report.fit().height(), report.fit().width()).of(report.pruned()),
                latency == null ? null : latency.of(report.pruned()),
                latency == null ? null : latency.milliseconds(report.pruned()),
                Cost.parameters(report.pruned()),
                difference,
                report.steps(),
                report.pruned());
    }

    /** The result for machines. */
    private record Result(
            @SerializedName("package") String directory,
            String page,
            double multiplyAdds,
            Double milliseconds,
            Double measuredMilliseconds,
            long parameters,
            Double difference,
            List<NetAdapt.Step> steps,
            Architecture architecture) {}
}
