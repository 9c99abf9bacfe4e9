package org.mobilenetv3.train.command.pruning;

import ai.djl.Device;
import ai.djl.util.JsonUtils;
import java.io.Closeable;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
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
import org.mobilenetv3.train.command.Interrupt;
import org.mobilenetv3.train.command.RecipeOptions;
import org.mobilenetv3.train.data.Splits;
import org.mobilenetv3.train.pruning.Cost;
import org.mobilenetv3.train.pruning.Criterion;
import org.mobilenetv3.train.pruning.Importance;
import org.mobilenetv3.train.pruning.Latency;
import org.mobilenetv3.train.pruning.NetAdapt;
import org.mobilenetv3.train.pruning.PruningReport;
import org.mobilenetv3.train.pruning.PruningSettings;
import org.mobilenetv3.train.pruning.Widths;
import org.mobilenetv3.train.recipe.Recipe;
import org.mobilenetv3.train.recipe.RecipeKey;
import org.mobilenetv3.train.report.TextTable;
import org.mobilenetv3.train.run.RunDirectory;
import org.mobilenetv3.train.run.TeacherFile;
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

    private static final Set<RecipeKey> KEYS =
            EnumSet.of(
                    RecipeKey.BATCH_SIZE,
                    RecipeKey.OPTIMIZER,
                    RecipeKey.LR,
                    RecipeKey.WEIGHT_DECAY,
                    RecipeKey.LABEL_SMOOTHING,
                    RecipeKey.CLIP_NORM,
                    RecipeKey.NORM_MOMENTUM,
                    RecipeKey.CROP_PADDING,
                    RecipeKey.RESIZED_CROP,
                    RecipeKey.FLIP);

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
            names = "--steps",
            paramLabel = "N",
            description = "Cut in so many steps, as NetAdapt does (default: all at once).")
    private Integer steps;

    @Option(
            names = "--epochs-per-step",
            paramLabel = "E",
            description =
                    "How long each proposal of a step is trained, in passes over the training"
                            + " images; may be a fraction (default: ${DEFAULT-VALUE}).",
            defaultValue = "0.05")
    private double epochsPerStep;

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

    @Mixin private RecipeOptions recipe = new RecipeOptions(KEYS, "prune");

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
        budget.requireOne(spec, steps != null);
        Device device = compute.start();
        Criterion criterion =
                by != null
                        ? Criterion.of(by)
                        : scoring.areGiven() ? Criterion.TAYLOR : Criterion.L1;
        if (!scoring.areGiven() && (criterion == Criterion.TAYLOR || steps != null)) {
            throw new IllegalArgumentException(
                    "%s needs labeled images: give --dataset or --data."
                            .formatted(steps != null ? "--steps" : "--by taylor"));
        }
        refuseIgnored(criterion);
        return steps == null ? atOnce(path, device, criterion) : inSteps(path, device, criterion);
    }

    /** Options that would change nothing are mistakes. */
    private void refuseIgnored(Criterion criterion) {
        if (steps == null) {
            refuse("without --steps", "--epochs-per-step", "--recipe");
            KEYS.forEach(key -> refuse("without --steps", "--" + key));
        }
        if (!budget.isOfTime()) {
            refuse("without --latency-ms", "--runtime", "--table");
        }
        if (criterion != Criterion.TAYLOR) {
            refuse("on --by " + criterion, "--images");
            if (steps == null) {
                refuse("on --by " + criterion, "--dataset", "--data");
            }
        }
    }

    private void refuse(String reason, String... names) {
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
                            ? PruningSettings.taylor(
                                    net,
                                    scoring.read(net.description(), path).train(),
                                    scoring.images(),
                                    scoring.seed())
                            : Importance.of(net, criterion, scoring.seed());
            Widths widths = new Widths(whole, importance, multiple);
            Map<String, Object> how = new LinkedHashMap<>();
            how.put("from", path.toString());
            how.put("by", criterion.toString());
            how.put(budget.name(), budget.share() == null ? budget.value() : budget.share());
            try (Cost cost = budget.cost(net.description(), compute.threads())) {
                Cut cut =
                        budget.share() != null
                                ? widths.share(budget.share())
                                : widths.within(cost, budget.value());
                Pruning pruning = Pruning.of(net, cut, how);
                try (PackageNet pruned = pruning.net()) {
                    Files.createDirectories(directory);
                    pruned.save(directory.resolve(NetAdapt.RESULT));
                    finish(
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
        if (steps < 1 || steps > 99) {
            throw new IllegalArgumentException("--steps must be 1 to 99.");
        }
        if (!(epochsPerStep > 0 && epochsPerStep < 1000)) {
            throw new IllegalArgumentException("--epochs-per-step must be above 0 and below 1000.");
        }
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
        Recipe chosen = recipe.choose(net.architecture().name(), splits.train().name());
        PruningSettings settings =
                new PruningSettings(
                        path.toAbsolutePath().toString(),
                        TeacherFile.of(path).sha256(),
                        arch.read(),
                        scoring.dataset(),
                        scoring.data(),
                        splits.train().checksum(),
                        criterion,
                        scoring.images(),
                        multiple,
                        budget.place(compute.threads()),
                        budget.correction(net, compute.threads()),
                        budget.value(),
                        steps,
                        epochsPerStep,
                        chosen,
                        scoring.seed(),
                        compute.threads());
        try (Cost cost = settings.cost(net.preprocessing().fit(), LatencyCommand.progress())) {
            // Refuses what cannot be reached before anything is written.
            Importance importance = settings.importance(path, arch.read(), splits.train(), device);
            new Widths(net.architecture(), importance, multiple).within(cost, budget.value());
            NetAdapt.requireProposals(settings, net.architecture(), importance, cost);
        }
        Files.createDirectories(directory);
        settings.write(directory);
        return run(settings, directory, net, splits, device);
    }

    private int resume() throws IOException {
        List<String> others =
                spec.commandLine().getParseResult().matchedOptions().stream()
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
        Path path = Path.of(settings.weights());
        NetDescription net;
        try (PackageNet opened = PackageNet.open(path, settings.family(), device)) {
            net = opened.description();
        }
        if (settings.weightsSha256() != null // runs begun before it was recorded
                && !TeacherFile.of(path).sha256().equals(settings.weightsSha256())) {
            throw new IOException(
                    "The weights %s have changed since the run began; put the ones with SHA-256 %s back or start another run."
                            .formatted(path, settings.weightsSha256()));
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
        return run(settings, resume, net, splits, device);
    }

    private int run(
            PruningSettings settings,
            Path directory,
            NetDescription net,
            Splits splits,
            Device device)
            throws IOException {
        Closeable lock = new RunDirectory(directory).lock();
        try (Cost cost = settings.cost(net.preprocessing().fit(), LatencyCommand.progress());
                Interrupt interrupt = new Interrupt()) {
            Optional<List<NetAdapt.Step>> steps =
                    new NetAdapt(settings, directory, splits, cost, device, log)
                            .run(interrupt::requested);
            if (steps.isEmpty()) {
                log.printf(
                        "%nInterrupted; what is done is saved. Go on with: ./mobilenetv3 prune --resume %s%n",
                        directory);
                return INTERRUPTED;
            }
            Architecture pruned = NetAdapt.result(directory, steps.get().size(), device);
            finish(
                    directory,
                    new PruningReport(
                            net.architecture(),
                            pruned,
                            settings.weights(),
                            how(settings.criterion(), settings.multiple()),
                            net.preprocessing().fit(),
                            cost,
                            steps.get()),
                    null);
        } finally {
            lock.close();
        }
        return 0;
    }

    private void finish(Path directory, PruningReport report, Double difference)
            throws IOException {
        Path page = directory.resolve("report.html");
        Path target = directory.resolve(NetAdapt.RESULT);
        report.write(page);
        if (json) {
            Map<String, Object> result = new LinkedHashMap<>();
            result.put("package", target.toString());
            result.put("page", page.toString());
            Cost macs = Cost.multiplyAdds(report.fit().height(), report.fit().width());
            result.put("multiplyAdds", macs.of(report.pruned()));
            if (report.cost() instanceof Latency latency) {
                result.put("milliseconds", latency.of(report.pruned()));
                result.put("measuredMilliseconds", latency.measured(report.pruned()));
            }
            result.put("parameters", Cost.parameters(report.pruned()));
            result.put("difference", difference);
            result.put("steps", report.steps());
            result.put("architecture", report.pruned());
            System.out.println(JsonUtils.GSON_PRETTY.toJson(result));
            return;
        }
        TextTable.lines(1, report.header(), report.rows()).forEach(log::println);
        log.printf("%n%s%n", report.summary());
        if (report.cost() instanceof Latency latency) {
            log.printf(
                    Locale.ROOT,
                    "Measured: %.3f ms before, %.3f ms now.%n",
                    latency.measured(report.whole()),
                    latency.measured(report.pruned()));
        }
        if (difference != null) {
            log.printf(Locale.ROOT, "Logits differ from the masked net's by %.1e.%n", difference);
        }
        log.printf(
                "%nPackage: %s%nPage: %s%nTrain it further:%n  ./mobilenetv3 train --weights %s --recipe prune --dataset NAME%n  ./mobilenetv3 finetune --weights %s --data FOLDER%n",
                target, page, target, target);
    }
}
