package org.mobilenetv3.train.bench;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * What one case showed.
 *
 * @param work the case
 * @param rows who was measured, in the line-up's order
 * @param absences who was not
 */
public record CaseResult(BenchCase work, List<Row> rows, List<Absence> absences) {

    /** The implementation that all others are compared with. */
    public static final String REFERENCE = "ours compiled";

    /** Takes the results. */
    public CaseResult {
        rows = List.copyOf(rows);
        absences = List.copyOf(absences);
    }

    /**
     * One implementation's figures.
     *
     * @param implementation its name
     * @param engine the library that computed, with its version
     * @param ours whether it is of this project
     * @param full whether it computes in 32 bits
     * @param sameNet whether its net is ours, not another architecture
     * @param stepsPerRepetition the steps behind each figure
     * @param timings the figures
     */
    public record Row(
            String implementation,
            String engine,
            boolean ours,
            boolean full,
            boolean sameNet,
            int stepsPerRepetition,
            Timings timings) {}

    /**
     * One implementation without figures.
     *
     * @param implementation its name
     * @param engine the library, or the program if it did not come so far
     * @param failed whether it broke down; otherwise it cannot take part here
     * @param reason one sentence
     */
    public record Absence(String implementation, String engine, boolean failed, String reason) {}

    /**
     * Our compiled net's figures.
     *
     * @return empty if it failed
     */
    public Optional<Row> reference() {
        return rows.stream()
                .filter(x -> x.ours() && x.implementation().equals(REFERENCE))
                .findFirst();
    }

    /**
     * How long an implementation takes beside our compiled net.
     *
     * @param row one of the rows
     * @return its median over ours, above 1 where ours is faster; empty without a reference
     */
    public Optional<Double> ratio(Row row) {
        return reference().map(x -> row.timings().ratioTo(x.timings()));
    }

    /**
     * The sentences that the project's goals are about: against a Python user's PyTorch, against
     * the best of PyTorch on the same libtorch, and against the best of all.
     *
     * @return empty without a reference or without peers
     */
    public List<String> goals() {
        Optional<Row> reference = reference();
        if (reference.isEmpty()) {
            return List.of();
        }
        String engine = reference.get().engine();
        Predicate<Row> eager = x -> x.implementation().equals("eager");
        Predicate<Row> same = x -> x.engine().equals(engine);
        return Stream.of(
                        fastest(eager.and(same)).map(x -> goal("eager", x)),
                        fastest(eager.and(same.negate())).map(x -> goal("eager", x)),
                        fastest(same).map(x -> goal("the best on the same libtorch", x)),
                        fastest(x -> true).map(x -> goal("the best of all", x)))
                .flatMap(Optional::stream)
                .toList();
    }

    private Optional<Row> fastest(Predicate<Row> which) {
        return rows.stream()
                .filter(x -> !x.ours() && x.full() && x.sameNet())
                .filter(which)
                .min(Comparator.comparingDouble(x -> x.timings().median()));
    }

    private String goal(String what, Row peer) {
        return String.format(
                Locale.ROOT,
                "%s against %s (%s, %s): %.2f times as fast",
                REFERENCE,
                what,
                peer.engine(),
                peer.implementation(),
                ratio(peer).orElseThrow());
    }
}
