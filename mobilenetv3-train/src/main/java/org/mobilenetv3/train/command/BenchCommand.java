package org.mobilenetv3.train.command;

import ai.djl.util.JsonUtils;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.OperatingSystemMXBean;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.mobilenetv3.cli.EngineOption;
import org.mobilenetv3.runtime.RuntimeReport;
import org.mobilenetv3.runtime.TorchRuntime;
import org.mobilenetv3.train.bench.BenchCase;
import org.mobilenetv3.train.bench.BenchCase.Mode;
import org.mobilenetv3.train.bench.CaseResult;
import org.mobilenetv3.train.bench.Contenders;
import org.mobilenetv3.train.bench.Measurement;
import org.mobilenetv3.train.bench.Report;
import org.mobilenetv3.trained.NetEngine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Measures our nets beside PyTorch and ONNX Runtime. */
@Command(
        name = "bench",
        description = "Measure our nets beside PyTorch and ONNX Runtime, turn by turn in one run.")
final class BenchCommand implements Callable<Integer> {

    /** The launcher says where the project is; without it, commands run in it. */
    private static final String HOME = "mobilenetv3.home";

    @Option(
            names = "--case",
            paramLabel = "NAME",
            description = "A case of --list; may be given several times (default: all).")
    private List<String> names = new ArrayList<>();

    @Option(names = "--list", description = "List the cases.")
    private boolean list;

    @Option(
            names = "--repetitions",
            paramLabel = "N",
            description = "Measurements behind each median (default: ${DEFAULT-VALUE}).",
            defaultValue = "9")
    private int repetitions;

    @Option(
            names = "--threads",
            paramLabel = "N",
            description = "CPU threads of every contestant (default: all cores).")
    private Integer threads;

    @Option(
            names = "--engine",
            paramLabel = "ENGINE",
            converter = EngineOption.Name.class,
            defaultValue = "auto",
            description =
                    "Of ours, only what this engine computes, beside the compiled net that all are"
                            + " compared with: "
                            + EngineOption.ENGINES
                            + " (default: auto, all that are here).")
    private NetEngine engine;

    @Option(
            names = "--python",
            paramLabel = "FILE",
            description =
                    "A Python with PyTorch; may be given several times (default: those that"
                            + " bench/setup.sh made).")
    private List<Path> pythons = new ArrayList<>();

    @Option(
            names = "--torch-compile",
            description = "Let torch.compile take part; it compiles for minutes.")
    private boolean torchCompile;

    @Option(
            names = "--json",
            paramLabel = "FILE",
            arity = "0..1",
            fallbackValue = "-",
            description = "Write every figure as JSON, on standard output if no file is given.")
    private String json;

    @Option(names = "--markdown", description = "Print the tables as docs/benchmarks.md has them.")
    private boolean markdown;

    @Override
    public Integer call() throws IOException {
        if (list) {
            BenchCase.ALL.forEach(x -> System.out.printf("%-28s %s%n", x.name(), x.describe()));
            return 0;
        }
        List<BenchCase> cases = cases();
        Measurement.Plan plan = Measurement.Plan.of(repetitions);
        int count = threads == null ? Runtime.getRuntime().availableProcessors() : threads;
        Contenders contenders =
                new Contenders(interpreters(), script(), count, engine, torchCompile);
        warnIfBusy();
        TorchRuntime.start(count);
        List<CaseResult> results = new ArrayList<>();
        for (BenchCase work : cases) {
            results.add(Measurement.run(work, contenders.of(work), plan, System.err::println));
        }
        print(new Report(machine(count), count, repetitions, results));
        boolean whole = results.stream().allMatch(x -> x.reference().isPresent());
        return whole ? 0 : 1;
    }

    /** Engines that do not train have cases of inference only. */
    private List<BenchCase> cases() {
        boolean trains = engine == NetEngine.AUTO || engine == NetEngine.TORCH;
        if (engine == NetEngine.VECTOR) {
            NetEngine.requireVector();
        }
        List<BenchCase> cases =
                names.isEmpty()
                        ? BenchCase.ALL.stream()
                                .filter(work -> trains || work.mode() == Mode.INFER)
                                .toList()
                        : names.stream().map(BenchCase::named).distinct().toList();
        for (BenchCase work : cases) {
            if (!trains && work.mode() == Mode.TRAIN) {
                throw new IllegalArgumentException(
                        "--case %s is training, which --engine %s does not do; leave one of them out."
                                .formatted(work.name(), engine));
            }
        }
        return cases;
    }

    private List<Path> interpreters() {
        for (Path python : pythons) {
            if (!Files.isExecutable(python)) {
                throw new IllegalArgumentException(
                        "There is no Python at %s; give the interpreter, for instance VENV/bin/python."
                                .formatted(python));
            }
        }
        if (!pythons.isEmpty()) {
            return pythons;
        }
        List<Path> found =
                Stream.of("venv", "venv-newest")
                        .map(x -> home().resolve("bench").resolve(x).resolve("bin/python"))
                        .filter(Files::isExecutable)
                        .toList();
        if (found.isEmpty()) {
            System.err.println(
                    "Only what runs in Java is measured, for there is no Python with PyTorch: run"
                            + " bench/setup.sh or give --python FILE.");
        }
        return found;
    }

    private static void warnIfBusy() {
        OperatingSystemMXBean system = ManagementFactory.getOperatingSystemMXBean();
        double load = system.getSystemLoadAverage();
        if (load > 0.3 * system.getAvailableProcessors()) {
            System.err.printf(
                    "Others compute here too (load %.1f on %d processors): the figures will be"
                            + " disturbed; run this alone on the machine.%n",
                    load, system.getAvailableProcessors());
        }
    }

    private static Path home() {
        return Path.of(System.getProperty(HOME, ""));
    }

    private static Path script() {
        return home().resolve("bench").resolve("peers.py").toAbsolutePath();
    }

    private static String machine(int threads) {
        RuntimeReport report = TorchRuntime.report();
        String allocator =
                Stream.of("M_ARENA_MAX", "M_MMAP_MAX", "M_TRIM_THRESHOLD", "M_TOP_PAD")
                        .map(x -> x + "=" + report.value("allocator " + x).orElse("default"))
                        .reduce((a, b) -> a + " " + b)
                        .orElseThrow();
        return String.format(
                Locale.ROOT,
                ("%s: %s, %d threads each; %s; Java %s; libtorch %s. Allocator of ours, DJL's and"
                        + " of 'eager best', 'frozen TorchScript' and 'torch.compile': %s, huge pages"
                        + " %s; of 'eager' and 'ONNX Runtime': default."),
                LocalDate.now(ZoneId.systemDefault()),
                report.value("CPU").orElse("unknown CPU"),
                threads,
                report.value("system").orElse("unknown system"),
                report.value("Java").orElse("unknown"),
                report.value("libtorch").orElse("unknown").replaceFirst(" in .*", ""),
                allocator,
                report.value("huge pages").orElse("default"));
    }

    private void print(Report report) throws IOException {
        String text = markdown ? report.markdown() : report.text();
        if ("-".equals(json)) {
            System.err.print(text);
            System.out.println(JsonUtils.GSON_PRETTY.toJson(report.json()));
            return;
        }
        System.out.print(text);
        if (json != null) {
            Files.writeString(
                    Path.of(json),
                    JsonUtils.GSON_PRETTY.toJson(report.json()) + "\n",
                    StandardCharsets.UTF_8);
        }
    }
}
