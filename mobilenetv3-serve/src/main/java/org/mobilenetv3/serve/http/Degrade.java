package org.mobilenetv3.serve.http;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.mobilenetv3.preprocessing.Fit;
import org.mobilenetv3.trained.ElasticPackage;
import org.mobilenetv3.trained.ElasticPackage.Net;
import org.mobilenetv3.trained.FileKind;

/**
 * How elastic packages step down to cheaper nets while requests wait for long.
 *
 * @param names of the subnets to use; empty for all
 * @param target how long a request may wait
 */
public record Degrade(List<String> names, Duration target) {

    /** Checks the time. */
    public Degrade {
        names = List.copyOf(names);
        if (target.isNegative() || target.isZero()) {
            throw new IllegalArgumentException(
                    String.format(
                            Locale.ROOT,
                            "--degrade-ms is %d but must be at least 1.",
                            target.toMillis()));
        }
    }

    /**
     * Refuses models of which none can step down, and tells which subnets are not used.
     *
     * @param paths of all models
     * @throws IOException in one sentence, if a package cannot be used
     * @throws IllegalArgumentException in one sentence, if none is elastic, or one lacks a subnet
     *     that was asked for
     */
    public void check(Iterable<Path> paths) throws IOException {
        boolean any = false;
        for (Path path : paths) {
            if (FileKind.of(path).isPackage() && !ElasticPackage.isSubnet(path)) {
                ElasticPackage elastic = ElasticPackage.read(path);
                List<Net> chosen = choose(elastic);
                any |= chosen.size() > 1;
                for (Net net : elastic.nets()) {
                    if (names.isEmpty() && !chosen.contains(net)) {
                        System.err.printf(
                                "--degrade leaves out %s, which takes images of another size.%n",
                                net);
                    }
                }
            }
        }
        if (!any) {
            throw new IllegalArgumentException(
                    "--degrade needs an elastic package, with subnets that take images of its own size.");
        }
    }

    /**
     * Returns the nets to open.
     *
     * @param elastic a package
     * @return its largest, and then the others from the most multiply-adds down
     * @throws IllegalArgumentException in one sentence, if it lacks a subnet that was asked for, or
     *     that one takes other images
     */
    List<Net> choose(ElasticPackage elastic) {
        Net whole = elastic.get(ElasticPackage.WHOLE);
        List<Net> chosen = new ArrayList<>(List.of(whole));
        if (elastic.nets().size() == 1) {
            return chosen;
        }
        Fit fit = whole.description().preprocessing().fit();
        List<Net> asked =
                names.isEmpty() ? elastic.nets() : names.stream().map(elastic::get).toList();
        asked.stream()
                .sorted(Comparator.comparingLong(Net::multiplyAdds).reversed())
                .distinct()
                .filter(net -> !net.name().equals(ElasticPackage.WHOLE) && fits(net, fit))
                .forEach(chosen::add);
        return chosen;
    }

    private boolean fits(Net net, Fit fit) {
        boolean same = net.description().preprocessing().fit().equals(fit);
        if (!same && !names.isEmpty()) {
            throw new IllegalArgumentException(
                    "--degrade cannot use %s, which takes images of another size than the largest net."
                            .formatted(net));
        }
        return same;
    }
}
