package org.mobilenetv3.train.supernet;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.mobilenetv3.Architecture;
import org.mobilenetv3.Architecture.Last;
import org.mobilenetv3.Head.Classifier;
import org.mobilenetv3.Head.Hidden;
import org.mobilenetv3.Presets;
import org.mobilenetv3.elastic.Subnet;
import org.mobilenetv3.nn.BlockSpec;
import org.mobilenetv3.nn.InvertedResidual;
import org.mobilenetv3.train.data.augment.SplitMix;
import org.mobilenetv3.train.supernet.Candidate.Choice;

/**
 * The nets that a search chooses from: the largest of them and, for each of its blocks, the kernels
 * and widths that it may have, and whether it may lack its gate or be left out.
 *
 * @param whole the largest net
 * @param rows what each of its blocks may be
 * @param lasts channels that the last convolution may have, ascending
 * @param hiddens channels that the classifier's hidden layer may have, ascending; empty if there is
 *     none
 */
public record SearchSpace(
        Architecture whole, List<Row> rows, List<Integer> lasts, List<Integer> hiddens) {

    /** Widths are multiples of this, which kernels like. */
    private static final int MULTIPLE = 8;

    /** Share of a block's channels inside its gate, as in all nets of the paper. */
    private static final int SQUEEZE = 4;

    /** How likely a choice changes when a net is mutated. */
    private static final double CHANGE = 0.1;

    /**
     * What a block may be.
     *
     * @param kernels sizes of the depthwise convolution, ascending
     * @param widths channels of the depthwise convolution, ascending
     * @param gates whether it may have squeeze and excitation, or not: one of these or both
     * @param optional whether it may be left out
     */
    public record Row(
            List<Integer> kernels, List<Integer> widths, List<Boolean> gates, boolean optional) {

        /** Copies the lists. */
        public Row {
            kernels = List.copyOf(kernels);
            widths = List.copyOf(widths);
            gates = List.copyOf(gates);
        }

        Choice largest() {
            return new Choice(
                    true,
                    kernels.get(kernels.size() - 1),
                    widths.get(widths.size() - 1),
                    gates.contains(true));
        }

        Choice smallest() {
            return optional
                    ? Choice.LEFT_OUT
                    : new Choice(true, kernels.get(0), widths.get(0), !gates.contains(false));
        }

        /** All but leaving it out. */
        List<Choice> all() {
            List<Choice> all = new ArrayList<>();
            for (int kernel : kernels) {
                for (int width : widths) {
                    gates.forEach(gate -> all.add(new Choice(true, kernel, width, gate)));
                }
            }
            return all;
        }

        Choice random(SplitMix random) {
            boolean kept = !optional || random.nextInt(3) > 0;
            Choice choice =
                    new Choice(true, any(kernels, random), any(widths, random), any(gates, random));
            return kept ? choice : Choice.LEFT_OUT;
        }
    }

    /**
     * What may vary.
     *
     * @param kernels sizes of depthwise convolutions
     * @param widths factors of the channels within blocks, of the last convolution and of the
     *     classifier's hidden layer
     * @param gates whether each block may have a gate or lack it; otherwise those have one that
     *     have it in the net
     * @param depth whether blocks that add their input may be left out
     */
    public record Variety(
            List<Integer> kernels, List<Double> widths, boolean gates, boolean depth) {

        /**
         * Kernels of 3 to 7 pixels, half to one and a half times as wide, with gates or without.
         */
        public static final Variety USUAL =
                new Variety(List.of(3, 5, 7), List.of(0.5, 0.75, 1.0, 1.5), true, true);

        /**
         * Checks the values.
         *
         * @throws IllegalArgumentException if there is none of a kind, or one is out of range
         */
        public Variety {
            kernels = List.copyOf(new TreeSet<>(kernels));
            widths = List.copyOf(new TreeSet<>(widths));
            if (kernels.isEmpty()
                    || kernels.stream().anyMatch(k -> k < 1 || k > 31 || k % 2 == 0)) {
                throw new IllegalArgumentException(
                        "Kernels to search are %s but must be odd numbers of 1 to 31."
                                .formatted(kernels));
            }
            if (widths.isEmpty() || widths.stream().anyMatch(w -> !(w > 0 && w <= 4))) {
                throw new IllegalArgumentException(
                        "Widths to search are %s but must be factors above 0, at most 4."
                                .formatted(widths));
            }
        }
    }

    /** Copies the lists. */
    public SearchSpace {
        rows = List.copyOf(rows);
        lasts = List.copyOf(lasts);
        hiddens = List.copyOf(hiddens);
    }

    /**
     * Makes the space around a net.
     *
     * @param base a classifier of inverted residuals
     * @param variety what may vary
     * @return the space; the net itself is in it if its kernels, 1 and its gates are
     * @throws IllegalArgumentException if the net cannot have subnets
     */
    public static SearchSpace around(Architecture base, Variety variety) {
        Subnet.requireElastic(base);
        List<Row> rows = new ArrayList<>();
        List<BlockSpec> largest = new ArrayList<>();
        for (BlockSpec block : base.blocks()) {
            InvertedResidual.Spec spec = (InvertedResidual.Spec) block;
            boolean gated = spec.squeeze() > 0;
            Row row =
                    new Row(
                            variety.kernels,
                            spec.expand()
                                    ? widths(spec.expanded(), variety)
                                    : List.of(spec.expanded()),
                            variety.gates ? List.of(false, true) : List.of(gated),
                            variety.depth && spec.residual());
            rows.add(row);
            largest.add(spec(spec, row.largest(), Integer.MAX_VALUE));
        }
        List<Integer> lasts = widths(base.last().channels(), variety);
        Hidden hidden = ((Classifier) base.head()).hidden();
        List<Integer> hiddens = hidden == null ? List.of() : widths(hidden.width(), variety);
        return new SearchSpace(
                ends(
                        base.withBlocks(largest).withName(name(base.name(), "_supernet")),
                        lasts.get(lasts.size() - 1),
                        hiddens.isEmpty() ? 0 : hiddens.get(hiddens.size() - 1)),
                rows,
                lasts,
                hiddens);
    }

    private static String name(String base, String suffix) {
        return base.substring(0, Math.min(base.length(), 80 - suffix.length())) + suffix;
    }

    private static List<Integer> widths(int channels, Variety variety) {
        TreeSet<Integer> widths = new TreeSet<>();
        for (double factor : variety.widths) {
            // As the net has it, even if that is no multiple.
            widths.add(factor == 1 ? channels : rounded(factor * channels));
        }
        return List.copyOf(widths);
    }

    private static int rounded(double channels) {
        return (int) Math.max(MULTIPLE, Math.round(channels / MULTIPLE) * MULTIPLE);
    }

    private static InvertedResidual.Spec spec(
            InvertedResidual.Spec of, Choice choice, int mostSqueezed) {
        int squeeze = Presets.makeDivisible(Math.floorDiv(choice.expanded(), SQUEEZE));
        return new InvertedResidual.Spec(
                choice.kernel(),
                choice.expanded(),
                of.out(),
                choice.gate() ? Math.min(squeeze, mostSqueezed) : 0,
                of.spatial(),
                of.activation(),
                of.rowStride(),
                of.columnStride(),
                of.dilation(),
                of.expand(),
                of.residual());
    }

    private static Architecture ends(Architecture net, int channels, int width) {
        Last last = net.last();
        Classifier head = (Classifier) net.head();
        Hidden hidden = head.hidden();
        Hidden other =
                hidden == null
                        ? null
                        : new Hidden(
                                width,
                                hidden.activation(),
                                hidden.bias(),
                                hidden.norm(),
                                hidden.pooled());
        return new Architecture(
                net.name(),
                net.inputChannels(),
                net.classes(),
                net.stem(),
                net.blocks(),
                new Last(channels, last.groups(), last.repeats(), last.activation()),
                new Classifier(head.maxPool(), other, head.dropout()),
                net.conventions());
    }

    /**
     * Finds a candidate's place in the largest net.
     *
     * @param candidate of this space
     * @return its net, and where that lies
     */
    public Subnet subnet(Candidate candidate) {
        List<BlockSpec> blocks = new ArrayList<>();
        List<Integer> kept = new ArrayList<>();
        for (int i = 0; i < rows.size(); i++) {
            Choice choice = candidate.blocks().get(i);
            if (choice.kept()) {
                InvertedResidual.Spec of = (InvertedResidual.Spec) whole.blocks().get(i);
                blocks.add(spec(of, choice, of.squeeze()));
                kept.add(i);
            }
        }
        String name = whole.name().replaceFirst("_supernet$", "");
        Architecture part =
                ends(
                        whole.withBlocks(blocks).withName(name(name, "_searched")),
                        candidate.last(),
                        candidate.hidden());
        return new Subnet(whole, part, kept);
    }

    /** Returns the candidate that is the whole net. */
    public Candidate largest() {
        return of(i -> rows.get(i).largest(), greatest(lasts), greatest(hiddens));
    }

    /** Returns the candidate with the least of everything. */
    public Candidate smallest() {
        return of(
                i -> rows.get(i).smallest(), lasts.get(0), hiddens.isEmpty() ? 0 : hiddens.get(0));
    }

    private static int greatest(List<Integer> values) {
        return values.isEmpty() ? 0 : values.get(values.size() - 1);
    }

    /**
     * Draws a candidate; each choice of a block is as likely as the others, and a block that may be
     * left out is so in one of three.
     *
     * @param random the source
     * @return any candidate
     */
    public Candidate random(SplitMix random) {
        return of(
                i -> rows.get(i).random(random),
                any(lasts, random),
                hiddens.isEmpty() ? 0 : any(hiddens, random));
    }

    private Candidate of(IntFunction<Choice> choice, int last, int hidden) {
        return new Candidate(
                IntStream.range(0, rows.size()).mapToObj(choice).toList(), last, hidden);
    }

    private static <T> T any(List<T> values, SplitMix random) {
        return values.get(random.nextInt(values.size()));
    }

    /**
     * Changes a candidate a little: each block anew with a probability of a tenth, and one in any
     * case.
     *
     * @param candidate of this space
     * @param random the source
     * @return another candidate, or by chance the same
     */
    public Candidate mutated(Candidate candidate, SplitMix random) {
        int sure = random.nextInt(rows.size());
        return of(
                i ->
                        random.nextDouble() < CHANGE || i == sure
                                ? changed(i, candidate.blocks().get(i), random)
                                : candidate.blocks().get(i),
                random.nextDouble() < CHANGE ? any(lasts, random) : candidate.last(),
                random.nextDouble() < CHANGE && !hiddens.isEmpty()
                        ? any(hiddens, random)
                        : candidate.hidden());
    }

    /** One property of a block anew. */
    private Choice changed(int block, Choice choice, SplitMix random) {
        Row row = rows.get(block);
        if (!choice.kept()) {
            return row.random(random);
        }
        return switch (random.nextInt(row.optional ? 4 : 3)) {
            case 0 -> new Choice(true, any(row.kernels, random), choice.expanded(), choice.gate());
            case 1 -> new Choice(true, choice.kernel(), any(row.widths, random), choice.gate());
            case 2 -> new Choice(true, choice.kernel(), choice.expanded(), any(row.gates, random));
            default -> Choice.LEFT_OUT;
        };
    }

    /**
     * Mixes two candidates, each block of one or the other.
     *
     * @param one of this space
     * @param other of this space
     * @param random the source
     * @return their child
     */
    public Candidate crossed(Candidate one, Candidate other, SplitMix random) {
        return of(
                i -> (random.nextBoolean() ? one : other).blocks().get(i),
                (random.nextBoolean() ? one : other).last(),
                (random.nextBoolean() ? one : other).hidden());
    }

    /**
     * Lists candidates that together have everything that a block, or the end of the net, may be.
     *
     * @return as few as that takes
     */
    public List<Candidate> cover() {
        List<List<Choice>> choices = rows.stream().map(Row::all).toList();
        int ends = lasts.size() * Math.max(1, hiddens.size());
        int most = choices.stream().mapToInt(List::size).max().orElse(1);
        List<Candidate> cover = new ArrayList<>();
        for (int k = 0; k < Math.max(most, ends); k++) {
            int at = k;
            cover.add(
                    of(
                            i -> choices.get(i).get(at % choices.get(i).size()),
                            lasts.get(at % lasts.size()),
                            hiddens.isEmpty()
                                    ? 0
                                    : hiddens.get(at / lasts.size() % hiddens.size())));
        }
        return cover;
    }

    /**
     * Finds a net in the space.
     *
     * @param net with as many blocks as the largest
     * @return the candidate that is this net but for the channels in its gates; null if there is
     *     none
     */
    public Candidate find(Architecture net) {
        Hidden hidden = ((Classifier) net.head()).hidden();
        Candidate found =
                of(
                        i -> {
                            InvertedResidual.Spec spec =
                                    (InvertedResidual.Spec) net.blocks().get(i);
                            return new Choice(
                                    true, spec.kernel(), spec.expanded(), spec.squeeze() > 0);
                        },
                        net.last().channels(),
                        hidden == null ? 0 : hidden.width());
        return contains(found) ? found : null;
    }

    private boolean contains(Candidate candidate) {
        return lasts.contains(candidate.last())
                && (hiddens.isEmpty() || hiddens.contains(candidate.hidden()))
                && IntStream.range(0, rows.size())
                        .allMatch(
                                i -> {
                                    Row row = rows.get(i);
                                    Choice choice = candidate.blocks().get(i);
                                    return choice.kept()
                                            ? row.kernels.contains(choice.kernel())
                                                    && row.widths.contains(choice.expanded())
                                                    && row.gates.contains(choice.gate())
                                            : row.optional;
                                });
    }

    /**
     * Returns how many nets there are.
     *
     * @return for instance {@code 10^14}
     */
    public String size() {
        double digits = Math.log10(lasts.size()) + Math.log10(Math.max(1, hiddens.size()));
        for (Row row : rows) {
            int kinds = row.kernels.size() * row.widths.size() * row.gates.size();
            digits += Math.log10(kinds + (row.optional ? 1 : 0));
        }
        return digits < 4
                ? String.valueOf(Math.round(Math.pow(10, digits)))
                : String.format(Locale.ROOT, "10^%.0f", digits);
    }
}
