package org.mobilenetv3.train.command;

import ai.djl.Device;
import ai.djl.util.JsonUtils;
import java.io.IOException;
import java.io.PrintStream;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.mobilenetv3.runtime.Launcher;
import org.mobilenetv3.train.TrainingRun;
import org.mobilenetv3.train.TrainingRun.Compute;
import org.mobilenetv3.train.run.ProgressLine;
import org.mobilenetv3.train.run.RunDirectory;
import org.mobilenetv3.train.run.RunSettings;
import org.mobilenetv3.train.run.TestResult;
import org.mobilenetv3.train.task.RunData;

/**
 * Terminal output before and after a run.
 *
 * @param log where people read
 * @param json whether the result goes to standard output for machines
 */
record RunConsole(PrintStream log, boolean json) {

    /** Prints what is about to be trained, and where. */
    void announce(RunSettings settings, RunData data, Compute machine, RunDirectory directory) {
        log.printf(
                Locale.ROOT,
                "MobileNetV3 %s on %s: %,d training, %,d validation, %,d test images of %dx%dx%d in %d classes%n",
                settings.architecture().name(),
                settings.dataset(),
                data.facts().images(),
                data.validation(),
                data.test(),
                settings.input().channels(),
                settings.input().height(),
                settings.input().width(),
                data.facts().classes().size());
        log.printf(
                Locale.ROOT,
                "recipe %s, seed %d, %s, files in %s%n",
                settings.recipe().describe(),
                settings.seed(),
                machine.devices().stream().map(Device::toString).collect(Collectors.joining(", ")),
                directory.path());
    }

    /** Prints how to go on with a run that was stopped. */
    void interrupted(String command, RunDirectory directory) {
        log.printf(
                "%nInterrupted and saved. Go on with: %s %s --resume %s%n",
                Launcher.program(), command, directory.path());
    }

    /** Prints the result of the run, and what to do with it. */
    void report(TestResult result, RunDirectory directory, TrainingRun<?> run) throws IOException {
        log.printf(
                Locale.ROOT,
                "test %s  (%,d images in %s, weights of epoch %d, the best on validation)%n",
                result.describe(),
                result.images(),
                ProgressLine.format(Duration.ofMillis(Math.round(1000 * result.testSeconds()))),
                result.bestEpoch());
        log.println();
        run.showSamples();
        log.printf(
                "%nReport: %s%nPredict your own images:%n  %s predict --weights %s IMAGE...%n",
                directory.path().resolve("report.html"), Launcher.program(), directory.best());
        if (json) {
            System.out.println(JsonUtils.GSON_PRETTY.toJson(forMachines(result, directory)));
        }
    }

    private static Map<String, Object> forMachines(TestResult result, RunDirectory directory) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("run", directory.path().toString());
        json.put("best", directory.best().toString());
        result.figures().forEach((name, value) -> json.put(testName(name), value));
        json.put("testImages", result.images());
        return json;
    }

    private static String testName(String name) {
        return "test" + Character.toUpperCase(name.charAt(0)) + name.substring(1);
    }
}
