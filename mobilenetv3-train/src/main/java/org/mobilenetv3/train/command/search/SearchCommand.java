package org.mobilenetv3.train.command.search;

import java.io.Closeable;
import java.io.IOException;
import java.io.PrintStream;
import java.math.BigDecimal;
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
import org.mobilenetv3.MobileNetV3.Execution;
import org.mobilenetv3.cli.ComputeOptions;
import org.mobilenetv3.cli.ExecutionOptions;
import org.mobilenetv3.cli.NetOptions;
import org.mobilenetv3.cli.WeightsOption;
import org.mobilenetv3.image.Normalization;
import org.mobilenetv3.preprocessing.Fit;
import org.mobilenetv3.preprocessing.Preprocessing;
import org.mobilenetv3.process.ProcessPool;
import org.mobilenetv3.runtime.Launcher;
import org.mobilenetv3.train.Freezing;
import org.mobilenetv3.train.StartingPoint;
import org.mobilenetv3.train.TrainingRun.Compute;
import org.mobilenetv3.train.command.CostOptions;
import org.mobilenetv3.train.command.DataOptions;
import org.mobilenetv3.train.command.InputOptions;
import org.mobilenetv3.train.command.Interrupt;
import org.mobilenetv3.train.command.LoopOptions;
import org.mobilenetv3.train.command.RecipeOptions;
import org.mobilenetv3.train.cost.Cost;
import org.mobilenetv3.train.data.ImageSet;
import org.mobilenetv3.train.data.Splits;
import org.mobilenetv3.train.data.source.Datasets;
import org.mobilenetv3.train.recipe.Recipe;
import org.mobilenetv3.train.recipe.RecipeKey;
import org.mobilenetv3.train.run.RecordedWeights;
import org.mobilenetv3.train.run.RunDirectory;
import org.mobilenetv3.train.run.RunSettings;
import org.mobilenetv3.train.search.Check;
import org.mobilenetv3.train.search.Limit;
import org.mobilenetv3.train.search.Search;
import org.mobilenetv3.train.search.SearchReport;
import org.mobilenetv3.train.search.SearchResult;
import org.mobilenetv3.train.search.SearchSettings;
import org.mobilenetv3.train.supernet.SearchSpace;
import org.mobilenetv3.trained.NetDescription;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Finds the best net for a target and trains it. */
@Command(
        name = "search",
        abbreviateSynopsis = true,
        description =
                "Find the best net for a target: train many nets that share their weights, choose"
                        + " among them, and train the winner on. Ctrl-C saves, --resume continues.",
        footer = {
            "%nExamples:",
            "  mobilenetv3 search --latency-ms 2 --dataset folder --data photos/",
            "  mobilenetv3 search --macs 5M --dataset fashion-mnist --epochs 10 --supernet-epochs 20",
            "  mobilenetv3 search --arch mobilenet_v3_large --macs 120M --cost-size 224 --dataset cifar10",
            "  mobilenetv3 search --resume runs/NAME-search"
        })
final class SearchCommand implements Callable<Integer> {

    private static final int INTERRUPTED = 130;

    /** What may be said of a search that goes on. */
    private static final Set<String> ON_RESUME =
            Set.of(
                    "--resume",
                    "--json",
                    "--device",
                    "--loader-threads",
                    "--keep",
                    "--save-every",
                    "--master",
                    "--conf",
                    "--check",
                    "--compare");

    @Spec private CommandSpec spec;

    @Mixin private NetOptions net;

    @Option(
            names = "--weights",
            paramLabel = "WEIGHTS",
            description =
                    "Trained weights to begin with, of a net of the space: what finetune takes"
                            + " (default: random ones).")
    private String weights;

    @Mixin private WeightsOption.SubnetOption subnet;
    @Mixin private DataOptions data;
    @Mixin private InputOptions input;
    @Mixin private SearchOptions search;
    @Mixin private LimitOptions limit;
    @Mixin private RecipeOptions recipe;
    @Mixin private ComputeOptions compute;
    @Mixin private ExecutionOptions execution;
    @Mixin private LoopOptions loop;

    @Option(
            names = "--check",
            paramLabel = "N",
            description =
                    "Train so many candidates alone, from random weights, and tell whether the"
                            + " supernet ranks them alike (default: ${DEFAULT-VALUE}).",
            defaultValue = "0")
    private int check;

    @Option(
            names = "--compare",
            paramLabel = "WEIGHTS",
            arity = "1..*",
            description = "Trained nets to show beside the candidates.")
    private List<Path> others = List.of();

    @Option(
            names = "--master",
            paramLabel = "URL",
            description =
                    "Where candidates are scored, each in a process of its own: local[N], N cores of"
                            + " this host, or a cluster of Spark's, whose hosts see data and --out"
                            + " under the same paths (default: in this process).")
    private String master;

    @Option(
            names = "--conf",
            paramLabel = "KEY=VALUE",
            description = "A setting of Spark's; may be repeated.")
    private Map<String, String> conf = new LinkedHashMap<>();

    @Option(
            names = "--seed",
            paramLabel = "N",
            description = "Seed of everything random (default: ${DEFAULT-VALUE}).",
            defaultValue = "1")
    private long seed;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "Directory of the search (default: runs/DATASET-ARCH-search).")
    private Path out;

    @Option(
            names = "--resume",
            paramLabel = "DIR",
            description = "Continue a search that was stopped, with its own settings.")
    private Path resume;

    @Option(names = "--json", description = "Print the result as JSON on standard output.")
    private boolean json;

    private PrintStream log;
    private ProcessPool.Place place;

    @Override
    public Integer call() throws IOException {
        log = json ? System.err : System.out;
        for (Path other : others) {
            NetDescription.read(other, null); // what cannot be compared is said before the search
        }
        if (master == null && !conf.isEmpty()) {
            throw new IllegalArgumentException("--conf is for Spark; add --master.");
        }
        if (master != null) {
            place = new ProcessPool.Place(master, conf, 1);
            ProcessPool.find().check(place);
        }
        if (weights != null) {
            requireNoCheck();
        }
        if (resume != null) {
            return resume();
        }
        if (limit.given() != 1) {
            throw new ParameterException(
                    spec.commandLine(),
                    "search needs one of --macs, --latency-ms and --parameters.");
        }
        SearchOptions.requireAtLeast("--check", check, 0);
        Execution how = execution.choose(compute.start());
        if (how == Execution.EAGER || loop.replicas() != 1) {
            throw new IllegalArgumentException(
                    "search computes one compiled net; leave out --replicas and --no-compile.");
        }
        StartingPoint start =
                weights == null
                        ? null
                        : StartingPoint.read(subnet.within(WeightsOption.locate(weights)), null);
        Fit asked = start == null ? input.size() : inTheMannerOf(start);
        Splits splits = load(start, asked);
        ImageSet train = splits.train();
        Recipe chosen = recipe(start, train);
        Architecture base = base(start, chosen, train, Math.min(train.height(), train.width()));
        SearchSpace space = search.space(base);
        Fit fit = input.fit(train, base.minimumInputSize(), log);
        if (start != null) {
            fit = asked;
        } else if (fit.width() != train.width()) {
            splits = load(null, fit);
            train = splits.train();
        }
        Path directory =
                out != null
                        ? out
                        : RunDirectory.unused(train.name() + "-" + base.name() + "-search").path();
        requireNew(directory);
        Preprocessing read = new Preprocessing(fit, normalization(start, chosen, train));
        RunSettings run = run(train, chosen, space, read, how);
        Fit sized = limit.size() == null ? fit : limit.size();
        int stem =
                base(start, chosen, train, Math.min(sized.height(), sized.width())).stem().stride();
        if (stem != base.stem().stride()) {
            log.printf(
                    Locale.ROOT,
                    "Costs are for %dx%d images, where the net's first convolution has stride %d; on these images it has stride %d.%n",
                    sized.height(),
                    sized.width(),
                    stem,
                    base.stem().stride());
        }
        Limit most = limit.limit(sized, base.withStemStride(stem), directory, compute.threads());
        RecordedWeights begun = start == null ? null : RecordedWeights.of(start.file());
        SearchSettings settings = search.settings(run, space, begun, most);
        try (Cost counted = most.cost(CostOptions.progress())) {
            Search all = new Search(settings, directory, splits, counted, machine(), log);
            settings.write(directory);
            return run(settings, all, directory, counted);
        }
    }

    private Fit inTheMannerOf(StartingPoint start) {
        Fit theirs = start.input().fit();
        return input.size() == null ? theirs : input.size().inTheMannerOf(theirs);
    }

    private Splits load(StartingPoint start, Fit fit) throws IOException {
        Integer channels = start == null ? null : start.architecture().inputChannels();
        return DataOptions.read(data.dataset(), data.data(), fit, channels, data.offline(), seed);
    }

    private Recipe recipe(StartingPoint start, ImageSet train) throws IOException {
        String arch = start == null || net.isGiven() ? net.arch() : start.architecture().name();
        Recipe chosen = recipe.choose(arch, train.name());
        if (Freezing.of(chosen).any()) {
            throw new IllegalArgumentException(
                    "search trains whole nets, but the recipe freezes %s; give another --recipe."
                            .formatted(Freezing.of(chosen).describe()));
        }
        if (start == null) {
            return chosen;
        }
        double rate = Search.lowered(chosen.number(RecipeKey.LR));
        log.printf(
                "Weights from %s; they learn on at a fifth of the recipe's rate, %s.%n",
                start.file(), BigDecimal.valueOf(rate).stripTrailingZeros().toPlainString());
        return chosen.with(RecipeKey.LR, rate);
    }

    /** The net to search around, for images of a size. */
    private Architecture base(StartingPoint start, Recipe chosen, ImageSet train, int size)
            throws IOException {
        int classes = train.classes().size();
        return start == null || net.isGiven()
                ? net.architecture(chosen.arch(), classes, train.channels(), size)
                : net.changed(start.architecture()).withClasses(classes);
    }

    private static Normalization normalization(StartingPoint start, Recipe chosen, ImageSet train)
            throws IOException {
        if (start != null) {
            return start.input().normalization();
        }
        return chosen.is(RecipeKey.NORMALIZE)
                ? Datasets.normalization(train)
                : Normalization.unit(train.channels());
    }

    private RunSettings run(
            ImageSet train, Recipe chosen, SearchSpace space, Preprocessing read, Execution how) {
        return new RunSettings(
                train.name(),
                data.data() == null ? null : data.data().toAbsolutePath().toString(),
                train.size(),
                train.checksum(),
                space.whole(),
                read,
                chosen.with(RecipeKey.ARCH, space.whole().name()),
                null,
                null,
                null,
                seed,
                1,
                compute.threads(),
                how);
    }

    private static void requireNew(Path directory) throws IOException {
        if (Files.exists(directory.resolve("search.json"))) {
            throw new IOException(
                    "%s holds a search already; resume it with --resume %s or give another --out."
                            .formatted(directory, directory));
        }
        if (Files.exists(directory)) {
            try (var entries = Files.list(directory)) {
                if (entries.anyMatch(file -> !file.endsWith(LimitOptions.LATENCY))) {
                    throw new IOException(
                            "%s has other files in it; give a new directory as --out."
                                    .formatted(directory));
                }
            }
        }
    }

    private Compute machine() {
        return loop.compute(compute.start(), 1);
    }

    private void requireNoCheck() {
        if (check > 0) {
            throw new IllegalArgumentException(
                    "--check trains nets from random weights, which says nothing of a search that begins with trained ones; leave it out.");
        }
    }

    private int resume() throws IOException {
        List<String> others =
                spec.commandLine().getParseResult().matchedOptions().stream()
                        .filter(option -> !option.inherited()) // --verbose, --offline
                        .map(OptionSpec::longestName)
                        .filter(name -> !ON_RESUME.contains(name))
                        .toList();
        if (!others.isEmpty()) {
            throw new IllegalArgumentException(
                    "--resume continues with the search's own settings; leave out %s."
                            .formatted(String.join(", ", others)));
        }
        SearchSettings settings = SearchSettings.read(resume);
        if (settings.weights() != null) {
            requireNoCheck();
        }
        RunSettings run = settings.run();
        compute.preferThreads(run.threads());
        Splits splits =
                DataOptions.read(
                        run.dataset(),
                        run.data() == null ? null : Path.of(run.data()),
                        run.input().fit(),
                        run.input().channels(),
                        data.offline(),
                        run.seed());
        ImageSet train = splits.train();
        run.requireSame(train.size(), train.classes().size(), train.checksum());
        try (Cost counted = settings.limit().cost(CostOptions.progress())) {
            Search search = new Search(settings, resume, splits, counted, machine(), log);
            return run(settings, search, resume, counted);
        }
    }

    private int run(SearchSettings settings, Search search, Path directory, Cost counted)
            throws IOException {
        Closeable lock = new RunDirectory(directory).lock();
        try (Interrupt interrupt = new Interrupt()) {
            log.printf(
                    "Searching %s nets around %s on %s for at most %s, files in %s%n",
                    settings.space().size(),
                    settings.space().whole().name().replace("_supernet", ""),
                    settings.run().dataset(),
                    counted.text(settings.limit().value()),
                    directory);
            Optional<SearchResult> found = search.scoredAt(place).run(interrupt::requested);
            Optional<Check> checked =
                    found.isEmpty() || check == 0
                            ? Optional.empty()
                            : search.check(found.get().scored(), check, interrupt::requested);
            if (found.isEmpty() || (check > 0 && checked.isEmpty())) {
                log.printf(
                        "%nInterrupted; what is done is saved. Go on with: %s search --resume %s%n",
                        Launcher.program(), directory);
                return INTERRUPTED;
            }
            new SearchReport(found.get(), counted, search.others(others), checked.orElse(null))
                    .write(directory, log, json);
        } finally {
            lock.close();
        }
        return 0;
    }
}
