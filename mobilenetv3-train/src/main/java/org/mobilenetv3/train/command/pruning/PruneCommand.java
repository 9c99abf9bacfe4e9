package org.mobilenetv3.train.command.pruning;

import ai.djl.Device;
import java.io.Closeable;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import org.mobilenetv3.Architecture;
import org.mobilenetv3.cli.ArchOption;
import org.mobilenetv3.cli.ComputeOptions;
import org.mobilenetv3.cli.WeightNotes;
import org.mobilenetv3.cli.WeightsOption;
import org.mobilenetv3.pruning.Cut;
import org.mobilenetv3.pruning.Pruning;
import org.mobilenetv3.runtime.Launcher;
import org.mobilenetv3.train.command.CostOptions;
import org.mobilenetv3.train.command.Interrupt;
import org.mobilenetv3.train.cost.Cost;
import org.mobilenetv3.train.cost.Latency;
import org.mobilenetv3.train.data.Splits;
import org.mobilenetv3.train.pruning.Criterion;
import org.mobilenetv3.train.pruning.Importance;
import org.mobilenetv3.train.pruning.NetAdapt;
import org.mobilenetv3.train.pruning.PruningReport;
import org.mobilenetv3.train.pruning.PruningSettings;
import org.mobilenetv3.train.pruning.Widths;
import org.mobilenetv3.train.recipe.Recipe;
import org.mobilenetv3.train.run.RecordedWeights;
import org.mobilenetv3.train.run.RunDirectory;
import org.mobilenetv3.trained.NetDescription;
import org.mobilenetv3.trained.PackageNet;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Removes channels from a trained net. */
@Command(
        name = "prune",
        abbreviateSynopsis = true,
        description =
                "Remove the least important channels of a trained net: at once, or with --steps as"
                        + " NetAdapt does, with a short training after each cut. Train the result"
                        + " further with finetune or train --weights.",
        footer = {
            "%nExamples:",
            "  mobilenetv3 prune --weights runs/NAME/best --keep 0.5",
            "  mobilenetv3 prune --weights small --macs 30M --by taylor --data photos/",
            "  mobilenetv3 prune --weights runs/NAME/best --latency-ms 2 --dataset fashion-mnist"
                    + " --steps 10 --epochs-per-step 0.05",
            "  mobilenetv3 prune --resume runs/NAME-pruned"
        })
final class PruneCommand implements Callable<Integer> {

    private static final int INTERRUPTED = 130;

    @Spec private CommandSpec spec;

    @Mixin private WeightsOption weights;
    @Mixin private ArchOption arch = new ArchOption();
    @Mixin private ScoringOptions scoring;
    @Mixin private ComputeOptions compute;
    @Mixin private BudgetOptions budget;

    @Option(
            names = "--by",
            paramLabel = "CRITERION",
            description =
                    "What channels are judged by: random, l1, l2, bn-scale, or taylor, which needs"
                            + " images (default: taylor with --dataset or --data, otherwise l1).")
    private String by;

    @Option(
            names = "--multiple",
            paramLabel = "N",
            description =
                    "Keep multiples of so many channels, as kernels like them (default: ${DEFAULT-VALUE}).",
            defaultValue = "8")
    private int multiple;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description =
                    "Directory for the package ('pruned'), the page ('report.html') and, with"
                            + " --steps, what is needed to resume (default: runs/ARCH-pruned).")
    private Path out;

    @Option(
            names = "--resume",
            paramLabel = "DIR",
            description = "Continue with steps that were interrupted, with their own settings.")
    private Path resume;

    @Option(names = "--json", description = "Print the result as JSON on standard output.")
    private boolean json;

    @Mixin private StepOptions steps;

    private PrintStream log;

    @Override
    public Integer call() throws IOException {
        log = json ? System.err : System.out;
        if (resume != null) {
            return resume();
        }
        if (!weights.isGiven()) {
            throw new ParameterException(
                    spec.commandLine(), "prune needs --weights (or --resume alone).");
        }
        Path path = weights.locate();
        budget.requireOne(spec, steps.areGiven());
        Device device = compute.start();
        Criterion criterion =
                by != null
                        ? Criterion.of(by)
                        : scoring.areGiven() ? Criterion.TAYLOR : Criterion.L1;
        if (!scoring.areGiven() && (criterion == Criterion.TAYLOR || steps.areGiven())) {
            throw new IllegalArgumentException(
                    "%s needs labeled images: give --dataset or --data."
                            .formatted(steps.areGiven() ? "--steps" : "--by taylor"));
        }
        refuseIgnored(criterion);
        return steps.areGiven()
                ? inSteps(path, device, criterion)
                : atOnce(path, device, criterion);
    }

    /** Options that would change nothing are mistakes. */
    private void refuseIgnored(Criterion criterion) {
        if (!steps.areGiven()) {
            refuse("without --steps", StepOptions.names());
        }
        if (!budget.cost().isOfTime()) {
            refuse("without --latency-ms", List.of("--runtime", "--table"));
        }
        if (criterion != Criterion.TAYLOR) {
            refuse("on --by " + criterion, List.of("--images"));
            if (!steps.areGiven()) {
                refuse("on --by " + criterion, List.of("--dataset", "--data"));
            }
        }
    }

    private void refuse(String reason, List<String> names) {
        for (String name : names) {
            if (spec.commandLine().getParseResult().hasMatchedOption(name)) {
                throw new IllegalArgumentException(
                        "%s has no effect %s; leave it out.".formatted(name, reason));
            }
        }
    }

    private int atOnce(Path path, Device device, Criterion criterion) throws IOException {
        try (PackageNet net = PackageNet.open(path, arch.read(), device)) {
            WeightNotes.tell(net);
            Architecture whole = net.description().architecture();
            Path directory = directory(whole);
            requireNew(directory);
            Importance importance =
                    criterion == Criterion.TAYLOR
                            ? Importance.taylor(
                                    net,
                                    scoring.read(net.description(), path).train(),
                                    scoring.images(),
                                    scoring.seed(net.description()))
                            : Importance.of(net, criterion, scoring.seed(net.description()));
            Widths widths = new Widths(whole, importance, multiple);
            Map<String, Object> how = new LinkedHashMap<>();
            how.put("from", path.toString());
            how.put("by", criterion.toString());
            how.put(budget.name(), budget.value());
            try (Cost cost = cost(net.description())) {
                Cut cut =
                        budget.share() != null
                                ? widths.share(budget.share())
                                : widths.within(cost, budget.cost().value());
                Pruning pruning = Pruning.of(net, cut, how);
                try (PackageNet pruned = pruning.net()) {
                    Files.createDirectories(directory);
                    pruned.save(directory.resolve(NetAdapt.RESULT));
                    new PruneConsole(log, json)
                            .report(
                                    directory,
                                    new PruningReport(
                                            whole,
                                            pruned.description().architecture(),
                                            path.toString(),
                                            how(criterion, multiple),
                                            net.description().preprocessing().fit(),
                                            cost,
                                            List.of()),
                                    pruning.difference());
                }
            }
        }
        return 0;
    }

    private Cost cost(NetDescription net) throws IOException {
        return budget.cost().cost(net.architecture(), net.preprocessing().fit(), compute.threads());
    }

    private static String how(Criterion criterion, int multiple) {
        return String.format(Locale.ROOT, "by %s, multiples of %d", criterion, multiple);
    }

    private Path directory(Architecture net) {
        return out != null ? out : RunDirectory.unused(net.name() + "-pruned").path();
    }

    private static void requireNew(Path directory) throws IOException {
        if (Files.exists(directory)) {
            try (var entries = Files.list(directory)) {
                if (entries.findAny().isPresent()) {
                    throw new IOException(
                            "%s is there already; give a new directory as --out."
                                    .formatted(directory));
                }
            }
        }
    }

    private int inSteps(Path path, Device device, Criterion criterion) throws IOException {
        steps.requireValid();
        if (budget.share() != null) {
            throw new IllegalArgumentException(
                    "--steps needs --macs or --latency-ms: blocks propose cuts of equal saving.");
        }
        NetDescription net;
        try (PackageNet opened = PackageNet.open(path, arch.read(), device)) {
            WeightNotes.tell(opened);
            net = opened.description();
        }
        Path directory = directory(net.architecture());
        requireNew(directory);
        Splits splits = scoring.read(net, path);
        Recipe chosen = steps.recipe(net.architecture(), splits.train().name());
        try (Cost cost = cost(net)) {
            PruningSettings settings =
                    new PruningSettings(
                            RecordedWeights.of(path),
                            arch.read(),
                            scoring.dataset(),
                            scoring.data(),
                            splits.train().checksum(),
                            criterion,
                            scoring.images(),
                            multiple,
                            budget.cost().place(compute.threads()),
                            cost instanceof Latency latency ? latency.correction() : 1,
                            budget.value(),
                            steps.count(),
                            steps.epochsPerStep(),
                            chosen,
                            scoring.seed(net),
                            compute.threads());
            // Refuses what cannot be reached before anything is written.
            Importance importance = settings.importance(path, arch.read(), splits.train(), device);
            new Widths(net.architecture(), importance, multiple).within(cost, budget.value());
            NetAdapt.requireProposals(settings, net.architecture(), importance, cost);
            Files.createDirectories(directory);
            settings.write(directory);
            return run(settings, directory, net, splits, cost, device);
        }
    }

    private int resume() throws IOException {
        List<String> others =
                spec.commandLine().getParseResult().matchedOptions().stream()
                        .filter(option -> !option.inherited()) // --verbose, --offline
                        .map(option -> option.longestName())
                        .filter(name -> !Set.of("--resume", "--json", "--device").contains(name))
                        .toList();
        if (!others.isEmpty()) {
            throw new IllegalArgumentException(
                    "--resume continues with the run's own settings; leave out %s."
                            .formatted(String.join(", ", others)));
        }
        PruningSettings settings = PruningSettings.read(resume);
        compute.preferThreads(settings.threads());
        Device device = compute.start();
        settings.weights().requireSame("starting net");
        Path path = Path.of(settings.weights().path());
        NetDescription net;
        try (PackageNet opened = PackageNet.open(path, settings.family(), device)) {
            net = opened.description();
        }
        Splits splits =
                ScoringOptions.read(
                        settings.dataset(),
                        settings.data() == null ? null : Path.of(settings.data()),
                        net,
                        path,
                        settings.seed());
        if (splits.train().checksum() != settings.trainChecksum()) {
            throw new IOException(
                    "The images of %s have changed since the run began; start another run."
                            .formatted(settings.dataset()));
        }
        try (Cost cost = settings.cost(net.preprocessing().fit(), CostOptions.progress())) {
            return run(settings, resume, net, splits, cost, device);
        }
    }

    private int run(
            PruningSettings settings,
            Path directory,
            NetDescription net,
            Splits splits,
            Cost cost,
            Device device)
            throws IOException {
        Closeable lock = new RunDirectory(directory).lock();
        try (Interrupt interrupt = new Interrupt()) {
            Optional<List<NetAdapt.Step>> done =
                    new NetAdapt(settings, directory, splits, cost, device, log)
                            .run(interrupt::requested);
            if (done.isEmpty()) {
                log.printf(
                        "%nInterrupted; what is done is saved. Go on with: %s prune --resume %s%n",
                        Launcher.program(), directory);
                return INTERRUPTED;
            }
            Architecture pruned = NetAdapt.result(directory, done.get().size(), device);
            new PruneConsole(log, json)
                    .report(
                            directory,
                            new PruningReport(
                                    net.architecture(),
                                    pruned,
                                    settings.weights().path(),
                                    how(settings.criterion(), settings.multiple()),
                                    net.preprocessing().fit(),
                                    cost,
                                    done.get()),
                            null);
        } finally {
            lock.close();
        }
        return 0;
    }
}
