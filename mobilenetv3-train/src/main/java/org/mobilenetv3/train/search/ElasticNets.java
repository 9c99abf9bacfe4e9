package org.mobilenetv3.train.search;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.mobilenetv3.Architecture;
import org.mobilenetv3.elastic.Subnet;
import org.mobilenetv3.trained.ElasticPackage;
import org.mobilenetv3.trained.PackageNet;

/**
 * The supernet as a package for use: the largest net, and some along the front within it.
 *
 * @param settings of the search
 * @param scored all candidates
 */
record ElasticNets(SearchSettings settings, List<Scored> scored) {

    /**
     * Saves the package.
     *
     * @param scorer measures running statistics
     * @param to the package to make
     * @throws IOException if images cannot be read, or the package not be written
     */
    void save(Scorer scorer, Path to) throws IOException {
        List<ElasticPackage.Part> parts = new ArrayList<>();
        for (Scored one : chosen()) {
            Subnet subnet = settings.space().subnet(one.candidate());
            parts.add(
                    new ElasticPackage.Part(
                            name(one),
                            subnet,
                            scorer.statistics(subnet),
                            scorer.describe(subnet, provenance(one))));
        }
        Architecture whole = settings.space().whole();
        List<Integer> rows = IntStream.range(0, whole.blocks().size()).boxed().toList();
        try (PackageNet net = scorer.open(new Subnet(whole, whole, rows), provenance(largest()))) {
            ElasticPackage.save(to, net, parts);
        }
    }

    private Map<String, Object> provenance(Scored one) {
        return Map.of(
                ElasticPackage.PROVENANCE,
                Map.of("top1", one.top1(), "images", settings.scoredImages()));
    }

    private Scored largest() {
        return scored.stream()
                .filter(s -> s.candidate().equals(settings.space().largest()))
                .findFirst()
                .orElseThrow();
    }

    /** At even distances of cost's logarithm along the front, and the winner in any case. */
    List<Scored> chosen() {
        List<Scored> front = new ArrayList<>(Evolution.front(scored, false));
        front.remove(largest());
        if (front.isEmpty()) {
            return List.of();
        }
        Set<Scored> chosen = new LinkedHashSet<>();
        Scored winner = Evolution.winner(scored, settings.limit().value(), false);
        if (!winner.equals(largest())) {
            chosen.add(winner);
        }
        double low = Math.log(front.get(0).cost());
        double high = Math.log(front.get(front.size() - 1).cost());
        int count = settings.subnets();
        for (int i = 0; i < count && chosen.size() < count; i++) {
            double target = count == 1 ? high : low + (high - low) * i / (count - 1);
            front.stream()
                    .filter(s -> !chosen.contains(s))
                    .min(Comparator.comparingDouble(s -> Math.abs(Math.log(s.cost()) - target)))
                    .ifPresent(chosen::add);
        }
        return chosen.stream().sorted(Comparator.comparingDouble(Scored::cost)).toList();
    }

    /** By what it costs, so that names sort as costs do for people. */
    private String name(Scored one) {
        return switch (settings.limit().unit()) {
            case MULTIPLY_ADDS -> String.format(Locale.ROOT, "%.2fM", one.cost() / 1e6);
            case PARAMETERS -> String.format(Locale.ROOT, "%.2fM-parameters", one.cost() / 1e6);
            case MILLISECONDS -> String.format(Locale.ROOT, "%.3fms", one.cost());
        };
    }
}
