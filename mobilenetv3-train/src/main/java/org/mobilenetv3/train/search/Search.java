package org.mobilenetv3.train.search;

import ai.djl.Device;
import java.io.IOException;
import java.io.PrintStream;
import java.math.BigDecimal;
import java.math.MathContext;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.mobilenetv3.Architecture;
import org.mobilenetv3.elastic.Subnet;
import org.mobilenetv3.format.Tensor;
import org.mobilenetv3.preprocessing.Preprocessing;
import org.mobilenetv3.process.ProcessPool;
import org.mobilenetv3.pruning.ChannelGroup;
import org.mobilenetv3.pruning.Pruning;
import org.mobilenetv3.train.TrainingRun;
import org.mobilenetv3.train.TrainingRun.Compute;
import org.mobilenetv3.train.cost.Cost;
import org.mobilenetv3.train.data.BatchLoader;
import org.mobilenetv3.train.data.Splits;
import org.mobilenetv3.train.evaluation.Evaluation;
import org.mobilenetv3.train.pruning.Criterion;
import org.mobilenetv3.train.pruning.Importance;
import org.mobilenetv3.train.recipe.Recipe;
import org.mobilenetv3.train.recipe.RecipeKey;
import org.mobilenetv3.train.run.RecordedWeights;
import org.mobilenetv3.train.run.RunDirectory;
import org.mobilenetv3.train.run.RunResult;
import org.mobilenetv3.train.run.RunSettings;
import org.mobilenetv3.trained.NetDescription;
import org.mobilenetv3.trained.PackageNet;

/**
 * Finds the best net for a target, as "Once for All" (Cai et al. 2020) and "BigNAS" (Yu et al.
 * 2020): the largest net of a space learns alone, its channels are put in the order of their
 * importance, all nets learn together, an evolution chooses among them, and the winner learns on.
 * All it knows is on disk, so that it goes on where it was killed, to the same result.
 */
public final class Search {

    /** Trained weights learn on at this share of the recipe's rate: they are good already. */
    private static final double TUNE_RATE = 0.2;

    /** The run in which all nets learn together. */
    static final String SUPERNET = "supernet";

    /** The directory of the elastic package. */
    static final String ELASTIC = "elastic";

    /** The package of the largest net with the weights that it begins with. */
    private static final String WIDENED = "widened";

    private final SearchSettings settings;
    private final Path directory;
    private final Splits data;
    private final Cost cost;
    private final Compute compute;
    private final PrintStream log;
    private ProcessPool.Place place;

    /**
     * Prepares.
     *
     * @param settings what decides the outcome
     * @param directory holds the state, and in the end the result
     * @param data images at the net's input size
     * @param cost what counts
     * @param compute where to compute
     * @param log told of each stage
     * @throws IOException if the cost has to be measured and cannot be
     * @throws IllegalArgumentException if no net of the space is within the limit
     */
    public Search(
            SearchSettings settings,
            Path directory,
            Splits data,
            Cost cost,
            Compute compute,
            PrintStream log)
            throws IOException {
        this.settings = settings;
        this.directory = directory;
        this.data = data;
        this.cost = cost;
        this.compute = compute;
        this.log = log;
        new Evolution(settings, cost); // refuses a limit that is out of reach
        if (settings.weights() != null && !Files.exists(directory.resolve(WIDENED))) {
            Path weights = Path.of(settings.weights().path());
            Widening.place(NetDescription.read(weights, null).architecture(), settings.space());
        }
    }

    /**
     * Says where candidates are scored, each in a process of its own, if not on this process's
     * threads.
     *
     * @param where this host's cores or a cluster whose hosts see the same files
     * @return this search
     */
    public Search scoredAt(ProcessPool.Place where) {
        place = where;
        return this;
    }

    /** The run of the winner, in a search's directory. */
    public static RunDirectory tuned(Path directory) {
        return new RunDirectory(directory.resolve("tuned"));
    }

    /**
     * Searches on to the end.
     *
     * @param stop asked after each batch whether to stop; what is done is on disk
     * @return what was found, or empty if it was stopped
     * @throws IOException if files cannot be read or written
     */
    public Optional<SearchResult> run(BooleanSupplier stop) throws IOException {
        RunSettings run = settings.run();
        if (!trained("largest", "1 of 4: the largest net", begun(run), stop)) {
            return Optional.empty();
        }
        Path sorted = directory.resolve("sorted");
        if (!Files.exists(sorted)) {
            sort(directory.resolve("largest").resolve("best"), sorted);
        }
        RunSettings together =
                run.with(
                        run.architecture(),
                        run.recipe().with(RecipeKey.EPOCHS, settings.supernetEpochs()),
                        RecordedWeights.of(sorted),
                        settings.space());
        if (!trained(SUPERNET, "2 of 4: all nets together", together, stop)) {
            return Optional.empty();
        }
        Path winner = directory.resolve("winner");
        List<Scored> scored;
        try (PackageNet supernet =
                        PackageNet.open(directory.resolve(SUPERNET).resolve("best"), device());
                CandidateLog candidates = new CandidateLog(directory.resolve("candidates.jsonl"))) {
            log.printf(
                    Locale.ROOT,
                    "%n3 of 4: %,d candidates of %s nets%s%n",
                    settings.candidates(),
                    settings.space().size(),
                    settings.random() == 0
                            ? ""
                            : String.format(Locale.ROOT, ", and %d at random", settings.random()));
            try (Scoring scoring = scoring(supernet)) {
                if (!new Candidates(settings, cost, scoring, log).score(candidates, stop)) {
                    return Optional.empty();
                }
            }
            scored = candidates.scored();
            try (Scorer scorer = new Scorer(settings, supernet, data)) {
                save(scorer, scored, winner);
            }
        }
        RunSettings alone;
        try (PackageNet net = PackageNet.open(winner, device())) {
            Recipe recipe = run.recipe();
            alone =
                    run.with(
                            net.description().architecture(),
                            recipe.with(RecipeKey.EPOCHS, settings.tuneEpochs())
                                    .with(RecipeKey.LR, tuned(recipe.number(RecipeKey.LR))),
                            RecordedWeights.of(winner),
                            null);
        }
        if (!trained("tuned", "4 of 4: the winner alone", alone, stop)) {
            return Optional.empty();
        }
        return Optional.of(result(scored, alone));
    }

    /** The run of the largest net, which begins with trained weights if there are any. */
    private RunSettings begun(RunSettings run) throws IOException {
        if (settings.weights() == null) {
            return run;
        }
        Path widened = directory.resolve(WIDENED);
        if (!Files.exists(widened)) {
            settings.weights().requireSame("starting net");
            Path weights = Path.of(settings.weights().path());
            Widening.save(weights, settings.space(), run.input(), run.seed(), device(), widened);
        }
        return run.with(run.architecture(), run.recipe(), RecordedWeights.of(widened), null);
    }

    /** With trained weights the recipe's rate is a low one from the beginning. */
    private double tuned(double rate) {
        return settings.weights() == null ? lowered(rate) : rate;
    }

    /**
     * Lowers a rate for weights that are good already.
     *
     * @param rate of the recipe
     * @return a fifth of it
     */
    public static double lowered(double rate) {
        return new BigDecimal(TUNE_RATE * rate).round(new MathContext(6)).doubleValue();
    }

    /**
     * Trains some of the candidates alone, from random weights, with the recipe of the largest net.
     *
     * @param scored all candidates
     * @param count how many to train
     * @param stop asked after each batch whether to stop; what is done is on disk
     * @return how they did, or empty if it was stopped
     * @throws IOException if files cannot be read or written
     */
    public Optional<Check> check(List<Scored> scored, int count, BooleanSupplier stop)
            throws IOException {
        RunSettings run = settings.run();
        List<Check.Net> nets = new ArrayList<>();
        for (Scored one : Check.choose(scored, count)) {
            Architecture net = settings.space().subnet(one.candidate()).part();
            String name = String.format(Locale.ROOT, "check/%d-%d", count, nets.size() + 1);
            String title =
                    String.format(Locale.ROOT, "check %d of %d, alone", nets.size() + 1, count);
            if (!trained(name, title, run.with(net, run.recipe(), null, null), stop)) {
                return Optional.empty();
            }
            RunResult tested = RunResult.read(directory.resolve(name)).orElseThrow();
            nets.add(new Check.Net(net, one, tested.top1()));
        }
        return Optional.of(new Check(nets));
    }

    /**
     * Scores nets of another making on the validation images that candidates are scored on.
     *
     * @param weights packages or files of weights
     * @return how good they are and what they cost
     * @throws IOException in one sentence, if one cannot be opened, or takes other images
     */
    public List<SearchReport.Other> others(List<Path> weights) throws IOException {
        List<SearchReport.Other> others = new ArrayList<>();
        for (Path path : weights) {
            try (PackageNet net = PackageNet.open(path, device());
                    BatchLoader images = Scorer.validation(settings, data)) {
                NetDescription description = net.description();
                Preprocessing input = description.preprocessing();
                if (input.height() != data.test().height()
                        || input.width() != data.test().width()
                        || input.channels() != data.test().channels()
                        || !description.classes().equals(data.test().classes())) {
                    throw new IOException(
                            "%s takes other images or tells other classes apart than this search."
                                    .formatted(path));
                }
                Architecture architecture = description.architecture();
                others.add(
                        new SearchReport.Other(
                                path.toString(),
                                cost.of(architecture),
                                Evaluation.of(net, images, s -> true).top1()));
            }
        }
        return others;
    }

    private Device device() {
        return compute.devices().get(0);
    }

    /** Trains, or goes on; false if it was stopped. */
    private boolean trained(String name, String title, RunSettings run, BooleanSupplier stop)
            throws IOException {
        RunDirectory place = new RunDirectory(directory.resolve(name));
        if (RunResult.read(place.path()).isPresent()) {
            return true;
        }
        boolean begun = Files.exists(place.path().resolve("run.json"));
        if (!begun) {
            // What a crash left of the first moment.
            Files.deleteIfExists(place.path().resolve("recipe.properties"));
            place.create(run);
        }
        log.printf(
                "%n%s, %s, %s epochs%n", title, run.architecture().name(), run.recipe().epochs());
        return TrainingRun.of(run, data, place, compute, log).run(begun, stop).test().isPresent();
    }

    /** Saves the largest net with the channels of each group from the most important down. */
    private void sort(Path from, Path to) throws IOException {
        try (PackageNet net = PackageNet.open(from, device())) {
            Map<String, Tensor> tensors = Pruning.tensors(net);
            for (Importance.Scores scores :
                    Importance.of(net, Criterion.L1, settings.run().seed()).groups()) {
                for (ChannelGroup.Slice slice : scores.group().slices()) {
                    Tensor whole = tensors.get(slice.parameter());
                    tensors.put(slice.parameter(), slice.of(whole, scores.ranking()));
                }
            }
            try (PackageNet sorted = Pruning.open(net.description(), tensors, device())) {
                sorted.save(to);
            }
        }
    }

    /** Saves the winner and the elastic package, if they are not there. */
    private void save(Scorer scorer, List<Scored> scored, Path winner) throws IOException {
        if (!Files.exists(winner)) {
            Scored best = Evolution.winner(scored, settings.limit().value(), false);
            Map<String, Object> found = Map.of("cost", best.cost(), "top1", best.top1());
            Subnet subnet = settings.space().subnet(best.candidate());
            try (PackageNet net = scorer.open(subnet, Map.of("searched", found))) {
                net.save(winner);
            }
        }
        Path elastic = directory.resolve(ELASTIC);
        if (settings.subnets() > 0 && !Files.exists(elastic)) {
            new ElasticNets(settings, scored).save(scorer, elastic);
        }
    }

    private Scoring scoring(PackageNet supernet) {
        return place == null
                ? new ThreadScoring(settings, supernet, data, workers())
                : new ProcessScoring(directory, place);
    }

    /** How many candidates are scored at a time in this process. */
    private int workers() {
        Integer threads = settings.run().threads();
        int cores = threads == null ? Runtime.getRuntime().availableProcessors() : threads;
        return device().isGpu() ? 1 : Math.min(cores, Evolution.GENERATION);
    }

    private SearchResult result(List<Scored> scored, RunSettings alone) throws IOException {
        Scored winner = Evolution.winner(scored, settings.limit().value(), false);
        Map<String, Double> seconds = new LinkedHashMap<>();
        for (String stage : List.of("largest", SUPERNET, "tuned")) {
            seconds.put(
                    stage, RunResult.read(directory.resolve(stage)).orElseThrow().wallSeconds());
        }
        seconds.put("candidates", sum(scored, false) / workers());
        seconds.put("random", sum(scored, true) / workers());
        return new SearchResult(
                settings,
                scored,
                winner,
                alone.architecture(),
                RunResult.read(directory.resolve("tuned")).orElseThrow(),
                seconds);
    }

    private static double sum(List<Scored> scored, boolean random) {
        return scored.stream().filter(s -> s.random() == random).mapToDouble(Scored::seconds).sum();
    }
}
