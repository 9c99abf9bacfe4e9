package org.mobilenetv3.train.command;

import java.io.Closeable;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import org.mobilenetv3.Architecture;
import org.mobilenetv3.MobileNetV3.Execution;
import org.mobilenetv3.cli.ComputeOptions;
import org.mobilenetv3.cli.ExecutionOptions;
import org.mobilenetv3.cli.InputSize;
import org.mobilenetv3.cli.NetOptions;
import org.mobilenetv3.image.Normalization;
import org.mobilenetv3.preprocessing.Fit;
import org.mobilenetv3.preprocessing.Preprocessing;
import org.mobilenetv3.runtime.Launcher;
import org.mobilenetv3.train.TrainingRun.Compute;
import org.mobilenetv3.train.cost.Cost;
import org.mobilenetv3.train.cost.Latency;
import org.mobilenetv3.train.data.ImageSet;
import org.mobilenetv3.train.data.Splits;
import org.mobilenetv3.train.data.source.Datasets;
import org.mobilenetv3.train.recipe.Recipe;
import org.mobilenetv3.train.recipe.RecipeKey;
import org.mobilenetv3.train.run.RunDirectory;
import org.mobilenetv3.train.run.RunSettings;
import org.mobilenetv3.train.search.Check;
import org.mobilenetv3.train.search.Limit;
import org.mobilenetv3.train.search.Search;
import org.mobilenetv3.train.search.SearchReport;
import org.mobilenetv3.train.search.SearchResult;
import org.mobilenetv3.train.search.SearchSettings;
import org.mobilenetv3.train.supernet.SearchSpace;
import org.mobilenetv3.train.supernet.SearchSpace.Variety;
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

    /** The table of measured layers; it may be there before the search is. */
    private static final String LATENCY = "latency.json";

    /** What may be said of a search that goes on. */
    private static final Set<String> ON_RESUME =
            Set.of(
                    "--resume",
                    "--json",
                    "--device",
                    "--loader-threads",
                    "--keep",
                    "--save-every",
                    "--check",
                    "--compare");

    @Spec private CommandSpec spec;

    @Mixin private NetOptions net;
    @Mixin private DataOptions data;
    @Mixin private CostOptions cost;
    @Mixin private RecipeOptions recipe;
    @Mixin private ComputeOptions compute;
    @Mixin private ExecutionOptions execution;
    @Mixin private LoopOptions loop;

    @Option(
            names = "--parameters",
            paramLabel = "N",
            converter = CostOptions.Count.class,
            description = "At most so many parameters, e.g. 1.5M.")
    private Double parameters;

    @Option(
            names = "--cost-size",
            paramLabel = "PIXELS",
            converter = InputSize.class,
            description =
                    "Size of the image that --macs and --latency-ms are for (default: the input's).")
    private Fit costSize;

    @Option(
            names = "--input-size",
            paramLabel = "PIXELS",
            converter = InputSize.class,
            description = InputSize.DESCRIPTION)
    private Fit inputSize;

    @Option(
            names = "--kernels",
            paramLabel = "K",
            split = ",",
            description = "Kernels of the depthwise convolutions (default: 3,5,7).")
    private List<Integer> kernels;

    @Option(
            names = "--widths",
            paramLabel = "FACTOR",
            split = ",",
            description =
                    "Widths within blocks, of the last convolution and of the hidden layer, as shares"
                            + " of those of --arch (default: 0.5,0.75,1,1.5).")
    private List<Double> widths;

    @Option(
            names = "--fixed-gates",
            description = "Keep squeeze and excitation where --arch has it.")
    private boolean fixedGates;

    @Option(names = "--fixed-depth", description = "Keep all blocks.")
    private boolean fixedDepth;

    @Option(
            names = "--supernet-epochs",
            paramLabel = "N",
            description = "Epochs in which all nets learn together (default: twice the recipe's).")
    private Integer supernetEpochs;

    @Option(
            names = "--tune-epochs",
            paramLabel = "N",
            description = "Epochs in which the winner learns on alone (default: the recipe's).")
    private Integer tuneEpochs;

    @Option(
            names = "--candidates",
            paramLabel = "N",
            description = "Nets that are scored (default: ${DEFAULT-VALUE}).",
            defaultValue = "200")
    private int candidates;

    @Option(
            names = "--random",
            paramLabel = "N",
            description =
                    "So many more nets, drawn at random, are scored to compare with (default:"
                            + " ${DEFAULT-VALUE}).",
            defaultValue = "0")
    private int random;

    @Option(
            names = "--scored-images",
            paramLabel = "N",
            description = "Validation images that a net is scored on (default: ${DEFAULT-VALUE}).",
            defaultValue = "5000")
    private int scoredImages;

    @Option(
            names = "--calibration-images",
            paramLabel = "N",
            description =
                    "Training images on which a net's running statistics are measured (default:"
                            + " ${DEFAULT-VALUE}).",
            defaultValue = "2048")
    private int calibrationImages;

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
            names = "--subnets",
            paramLabel = "N",
            description =
                    "Nets along the front that the elastic package holds (default:"
                            + " ${DEFAULT-VALUE}).",
            defaultValue = "4")
    private int subnets;

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

    @Override
    public Integer call() throws IOException {
        log = json ? System.err : System.out;
        for (Path other : others) {
            NetDescription.read(other, null); // what cannot be compared is said before the search
        }
        if (resume != null) {
            return resume();
        }
        if (cost.given() + (parameters == null ? 0 : 1) != 1) {
            throw new ParameterException(
                    spec.commandLine(),
                    "search needs one of --macs, --latency-ms and --parameters.");
        }
        requireCounts();
        Variety variety = variety();
        Execution how = execution.choose(compute.start());
        if (how == Execution.EAGER || loop.replicas() != 1) {
            throw new IllegalArgumentException(
                    "search computes one compiled net; leave out --replicas and --no-compile.");
        }
        Splits splits = load(inputSize);
        ImageSet train = splits.train();
        TrainCommand.requireSquare(train, inputSize);
        Recipe chosen = recipe.choose(net.arch(), train.name());
        Architecture base =
                net.architecture(
                        chosen.arch(),
                        train.classes().size(),
                        train.channels(),
                        Math.min(train.height(), train.width()));
        SearchSpace space = SearchSpace.around(base, variety);
        Fit fit = TrainCommand.fit(train, base.minimumInputSize(), inputSize, log);
        if (fit.width() != train.width()) {
            splits = load(fit);
            train = splits.train();
        }
        Normalization normalization =
                chosen.is(RecipeKey.NORMALIZE)
                        ? Datasets.normalization(train)
                        : Normalization.unit(train.channels());
        Path directory =
                out != null
                        ? out
                        : RunDirectory.unused(train.name() + "-" + base.name() + "-search").path();
        requireNew(directory);
        RunSettings run =
                new RunSettings(
                        train.name(),
                        data.data() == null ? null : data.data().toAbsolutePath().toString(),
                        train.size(),
                        train.checksum(),
                        space.whole(),
                        new Preprocessing(fit, normalization),
                        chosen.with(RecipeKey.ARCH, space.whole().name()),
                        null,
                        null,
                        null,
                        seed,
                        1,
                        compute.threads(),
                        how);
        Fit sized = costSize == null ? fit : costSize;
        if (cost.isOfTime()) {
            Files.createDirectories(directory); // the table's place
        }
        try (Cost counted = counted(base, sized, directory)) {
            SearchSettings settings =
                    new SearchSettings(
                            run,
                            space,
                            limit(sized, directory, counted),
                            supernetEpochs == null ? 2 * chosen.epochs() : supernetEpochs,
                            tuneEpochs == null ? chosen.epochs() : tuneEpochs,
                            candidates,
                            random,
                            calibrationImages,
                            scoredImages,
                            subnets);
            Search search = new Search(settings, directory, splits, counted, machine(), log);
            settings.write(directory);
            return run(settings, search, directory, counted);
        }
    }

    private Splits load(Fit fit) throws IOException {
        return data.load(data.dataset(), data.data(), fit, seed);
    }

    private Variety variety() {
        return new Variety(
                kernels == null ? Variety.USUAL.kernels() : kernels,
                widths == null ? Variety.USUAL.widths() : widths,
                !fixedGates,
                !fixedDepth);
    }

    private void requireCounts() {
        requireAtLeast("--supernet-epochs", supernetEpochs == null ? 1 : supernetEpochs, 1);
        requireAtLeast("--tune-epochs", tuneEpochs == null ? 1 : tuneEpochs, 1);
        requireAtLeast("--candidates", candidates, 2);
        requireAtLeast("--random", random, 0);
        requireAtLeast("--check", check, 0);
        requireAtLeast("--scored-images", scoredImages, 1);
        requireAtLeast("--calibration-images", calibrationImages, 2);
        requireAtLeast("--subnets", subnets, 0);
    }

    private static void requireAtLeast(String option, int value, int least) {
        if (value < least) {
            throw new IllegalArgumentException(
                    String.format(
                            Locale.ROOT,
                            "%s is %d but must be at least %d.",
                            option,
                            value,
                            least));
        }
    }

    private static void requireNew(Path directory) throws IOException {
        if (Files.exists(directory.resolve("search.json"))) {
            throw new IOException(
                    "%s holds a search already; resume it with --resume %s or give another --out."
                            .formatted(directory, directory));
        }
        if (Files.exists(directory)) {
            try (var entries = Files.list(directory)) {
                if (entries.anyMatch(file -> !file.endsWith(LATENCY))) {
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

    /** Milliseconds are kept with the search: they decide what it finds. */
    private Latency.Place place(Path directory) {
        Latency.Place place = cost.place(compute.threads());
        if (place == null || cost.table() != null) {
            return place;
        }
        Path own = directory.resolve(LATENCY).toAbsolutePath();
        return new Latency.Place(place.runtime(), place.threads(), own.toString());
    }

    private Cost counted(Architecture base, Fit fit, Path directory) throws IOException {
        if (parameters != null) {
            return Cost.parameters();
        }
        return cost.isOfTime()
                ? Latency.corrected(
                        place(directory), fit.height(), fit.width(), base, CostOptions.progress())
                : Cost.multiplyAdds(fit.height(), fit.width());
    }

    private Limit limit(Fit fit, Path directory, Cost counted) {
        if (parameters != null) {
            return new Limit(Limit.Unit.PARAMETERS, parameters, fit.height(), fit.width(), null, 1);
        }
        return counted instanceof Latency latency
                ? new Limit(
                        Limit.Unit.MILLISECONDS,
                        cost.value(),
                        fit.height(),
                        fit.width(),
                        place(directory),
                        latency.correction())
                : new Limit(
                        Limit.Unit.MULTIPLY_ADDS, cost.value(), fit.height(), fit.width(), null, 1);
    }

    private int resume() throws IOException {
        List<String> others =
                spec.commandLine().getParseResult().matchedOptions().stream()
                        .map(OptionSpec::longestName)
                        .filter(name -> !ON_RESUME.contains(name))
                        .toList();
        if (!others.isEmpty()) {
            throw new IllegalArgumentException(
                    "--resume continues with the search's own settings; leave out %s."
                            .formatted(String.join(", ", others)));
        }
        SearchSettings settings = SearchSettings.read(resume);
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
            Optional<SearchResult> found = search.run(interrupt::requested);
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
