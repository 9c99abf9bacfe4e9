package org.mobilenetv3.train.pruning;

import ai.djl.Device;
import ai.djl.util.JsonUtils;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.mobilenetv3.Architecture;
import org.mobilenetv3.io.JsonFile;
import org.mobilenetv3.io.WholeFile;
import org.mobilenetv3.pruning.ChannelGroup;
import org.mobilenetv3.pruning.Cut;
import org.mobilenetv3.train.cost.Cost;
import org.mobilenetv3.train.data.Splits;
import org.mobilenetv3.train.pruning.Importance.Scores;
import org.mobilenetv3.trained.ModelPackage;
import org.mobilenetv3.trained.PackageNet;

/**
 * NetAdapt (Yang et al. 2018): in each step every group of channels proposes a cut that saves as
 * much as any other's, a short training shows which proposal harms least, and the net goes on from
 * that one. All it knows is on disk, so that it goes on where it was killed, to the same result.
 */
public final class NetAdapt {

    /** The file of the settings in the directory. */
    static final String SETTINGS = "prune.json";

    /** The directory of the pruned package. */
    public static final String RESULT = "pruned";

    private static final String DAMAGED = "it is damaged; delete it and go on";

    private final PruningSettings settings;
    private final Path directory;
    private final Splits data;
    private final Cost cost;
    private final Device device;
    private final PrintStream log;
    private final Trial trial;

    /**
     * A cut that one group proposes.
     *
     * @param group its name
     * @param from its channels before
     * @param to its channels after
     * @param cost of the whole net with the cut
     * @param top1 on the validation images after the short training, 0 to 1
     * @param loss likewise, in nats
     */
    public record Candidate(
            String group, int from, int to, double cost, double top1, double loss) {}

    /**
     * A step that is done.
     *
     * @param number counted from 1
     * @param budget what the net was to cost at most
     * @param chosen the cut that was made
     * @param candidates all that were tried
     */
    public record Step(int number, double budget, Candidate chosen, List<Candidate> candidates) {}

    /**
     * Prepares.
     *
     * @param settings what decides the outcome
     * @param directory holds the state, and in the end the result
     * @param data images at the net's input size
     * @param cost what counts
     * @param device where to compute
     * @param log told of each step
     */
    public NetAdapt(
            PruningSettings settings,
            Path directory,
            Splits data,
            Cost cost,
            Device device,
            PrintStream log) {
        this.settings = settings;
        this.directory = directory;
        this.data = data;
        this.cost = cost;
        this.device = device;
        this.log = log;
        trial = new Trial(settings, data, cost, device);
    }

    /**
     * Steps on to the end.
     *
     * @param stop asked after each batch whether to stop; what is done is on disk
     * @return the steps, or empty if it was stopped
     * @throws IOException if files cannot be read or written
     */
    public Optional<List<Step>> run(BooleanSupplier stop) throws IOException {
        Architecture whole;
        try (PackageNet net = PackageNet.open(start(), family(0), device)) {
            whole = net.description().architecture();
        }
        double begin = cost.of(whole);
        List<Step> steps = new ArrayList<>();
        for (int number = 1; number <= settings.steps(); number++) {
            double budget = budget(settings, begin, number);
            Step step = done(number);
            if (step == null) {
                // Its file comes first: without that, the net is of a step that was deleted.
                ModelPackage.delete(net(number));
                step = step(number, budget, stop);
                if (step == null) {
                    return Optional.empty();
                }
            }
            steps.add(step);
            finish(step);
        }
        return Optional.of(steps);
    }

    /**
     * Puts the last step's net where the result belongs.
     *
     * @param directory of the run
     * @param steps how many there were
     * @param device where to load it
     * @return its architecture
     * @throws IOException if it cannot be read or written
     */
    public static Architecture result(Path directory, int steps, Device device) throws IOException {
        try (PackageNet last = PackageNet.open(directory.resolve(folder(steps)), device)) {
            last.save(directory.resolve(RESULT));
            return last.description().architecture();
        }
    }

    private Path start() {
        return Path.of(settings.weights().path());
    }

    /** The file of a step that is done, or the net to begin with. */
    private Path net(int number) {
        return number == 0 ? start() : directory.resolve(folder(number));
    }

    private Architecture family(int number) {
        return number == 0 ? settings.family() : null;
    }

    private static String folder(int number) {
        return String.format(Locale.ROOT, "steps/%02d", number);
    }

    private Path file(int number) {
        return directory.resolve(folder(number) + ".json");
    }

    private Path work(int number) {
        return directory.resolve(folder(number) + ".candidates");
    }

    private Step done(int number) throws IOException {
        Path file = file(number);
        if (!Files.exists(file)) {
            return null;
        }
        Step step = JsonFile.read(file, Step.class, DAMAGED);
        if (step.chosen == null || step.chosen.group == null || step.candidates == null) {
            throw new IOException("%s cannot be read: %s.".formatted(file, DAMAGED));
        }
        return step;
    }

    /** The step's file is there: the chosen net takes its place, the others go. */
    private void finish(Step step) throws IOException {
        Path chosen = work(step.number).resolve(step.chosen.group);
        if (!Files.exists(net(step.number))) {
            if (!Files.exists(chosen)) {
                throw new IOException(
                        "%s is gone; delete %s and go on."
                                .formatted(net(step.number), file(step.number)));
            }
            Files.move(chosen, net(step.number));
        }
        ModelPackage.delete(work(step.number));
    }

    private Step step(int number, double budget, BooleanSupplier stop) throws IOException {
        Importance importance =
                settings.importance(net(number - 1), family(number - 1), data.train(), device);
        List<Candidate> candidates = new ArrayList<>();
        try (PackageNet net = PackageNet.open(net(number - 1), family(number - 1), device)) {
            Architecture now = net.description().architecture();
            Widths widths = new Widths(now, importance, settings.multiple());
            Map<String, Integer> proposals = proposals(number, now, importance, budget);
            if (proposals.isEmpty()) {
                throw new IOException(tooFar(cost, budget, number));
            }
            for (Map.Entry<String, Integer> proposal : proposals.entrySet()) {
                Path place = work(number).resolve(proposal.getKey());
                Candidate candidate = Trial.known(place);
                if (candidate == null) {
                    String task =
                            String.format(
                                    Locale.ROOT,
                                    "step %d/%d, %s (%d of %d)",
                                    number,
                                    settings.steps(),
                                    proposal.getKey(),
                                    candidates.size() + 1,
                                    proposals.size());
                    Cut cut = widths.cut(Map.of(proposal.getKey(), proposal.getValue()));
                    candidate = trial.run(net, cut, proposal.getKey(), number, place, task, stop);
                    if (candidate == null) {
                        return null;
                    }
                }
                candidates.add(candidate);
            }
        }
        Candidate best =
                candidates.stream()
                        .max(
                                Comparator.comparingDouble(Candidate::top1)
                                        .thenComparing(Candidate::loss, Comparator.reverseOrder()))
                        .orElseThrow();
        if (best.loss == Trial.DIVERGED) {
            throw new IOException(
                    "All short trainings of step %s diverged; start again with a smaller --lr."
                            .formatted(number));
        }
        Step step = new Step(number, budget, best, candidates);
        WholeFile.write(file(number), JsonUtils.GSON_PRETTY.toJson(step) + "\n");
        log.printf(
                Locale.ROOT,
                "step %d/%d  %s from %d to %d channels  %s  validation top-1 %.2f %%%n",
                number,
                settings.steps(),
                best.group,
                best.from,
                best.to,
                cost.text(best.cost),
                100 * best.top1);
        return step;
    }

    /** What a step tries. */
    private record Proposals(Map<String, Integer> widths) {}

    /** Milliseconds are measured, so what is proposed is kept: a resumed step tries the same. */
    private Map<String, Integer> proposals(
            int number, Architecture net, Importance importance, double budget) throws IOException {
        Path file = work(number).resolve("proposals.json");
        if (!Files.exists(file)) {
            Proposals found = new Proposals(proposals(settings, net, importance, cost, budget));
            Files.createDirectories(work(number));
            WholeFile.write(file, JsonUtils.GSON_PRETTY.toJson(found) + "\n");
        }
        Proposals proposals = JsonFile.read(file, Proposals.class, DAMAGED);
        if (proposals.widths == null) {
            throw new IOException("%s cannot be read: %s.".formatted(file, DAMAGED));
        }
        return proposals.widths;
    }

    private static String tooFar(Cost cost, double budget, int number) {
        return "No block can be cut far enough alone to reach %s in step %s: give more --steps or a larger budget."
                .formatted(cost.text(budget), number);
    }

    /**
     * Refuses settings whose first step no block can make alone.
     *
     * @param settings of the run
     * @param net the net to begin with
     * @param importance of its channels
     * @param cost what counts
     * @throws IOException if the cost cannot be measured
     * @throws IllegalArgumentException says that more steps are needed
     */
    public static void requireProposals(
            PruningSettings settings, Architecture net, Importance importance, Cost cost)
            throws IOException {
        double budget = budget(settings, cost.of(net), 1);
        if (proposals(settings, net, importance, cost, budget).isEmpty()) {
            throw new IllegalArgumentException(tooFar(cost, budget, 1));
        }
    }

    /** What the net may cost after a step: the same share of that before, to the end. */
    private static double budget(PruningSettings settings, double begin, int number) {
        return number == settings.steps()
                ? settings.budget()
                : begin * Math.pow(settings.budget() / begin, (double) number / settings.steps());
    }

    /** The widest that each group may be if it alone is to bring the cost below the budget. */
    private static Map<String, Integer> proposals(
            PruningSettings settings,
            Architecture net,
            Importance importance,
            Cost cost,
            double budget)
            throws IOException {
        Map<String, Integer> proposals = new LinkedHashMap<>();
        for (Scores scores : importance.groups()) {
            ChannelGroup group = scores.group();
            int multiple = settings.multiple();
            int low = 0; // multiples of channels, 0 if even one costs too much
            int high = (group.width() - 1) / multiple;
            while (scores.isJudged() && low < high) {
                int middle = (low + high + 1) / 2;
                boolean fits =
                        cost.of(ChannelGroup.narrowed(net, Map.of(group.name(), middle * multiple)))
                                <= budget;
                if (fits) {
                    low = middle;
                } else {
                    high = middle - 1;
                }
            }
            if (low > 0) {
                proposals.put(group.name(), low * multiple);
            }
        }
        return proposals;
    }
}
