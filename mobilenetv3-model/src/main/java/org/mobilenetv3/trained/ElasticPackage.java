package org.mobilenetv3.trained;

import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.mobilenetv3.MobileNetV3;
import org.mobilenetv3.elastic.Subnet;
import org.mobilenetv3.format.Tensor;
import org.mobilenetv3.graph.Graph;
import org.mobilenetv3.graph.LayerCost;
import org.mobilenetv3.nn.ParameterNames;
import org.mobilenetv3.preprocessing.Preprocessing;

/**
 * One set of weights, several nets: a package whose directory {@code subnets} has a directory for
 * each smaller net, which uses the package's weights. {@code PACKAGE/subnets/NAME} opens wherever a
 * package does; the package itself is that of the largest net.
 *
 * @param path the package's directory or ZIP
 * @param nets all of them, the whole one included, cheapest first
 */
public record ElasticPackage(Path path, List<Net> nets) {

    /** What the largest net is called among the others. */
    public static final String WHOLE = "whole";

    /** What is no net's name: it asks for the one that suits an image's size. */
    public static final String AUTO = "auto";

    /** The provenance's key of a net's accuracy on validation images: {@code top1, images}. */
    public static final String PROVENANCE = "elastic";

    private static final String NAME = "[A-Za-z0-9_-][A-Za-z0-9._-]*";

    /**
     * A subnet that is to be saved.
     *
     * @param name of its directory: letters, digits, dots, - and _
     * @param subnet how it lies within the larger net
     * @param statistics its running means and variances, by the names of its own state dict
     * @param description the net: its architecture is the subnet's part; the input may be of
     *     another size than the larger net's; the provenance should say its accuracy under {@link
     *     #PROVENANCE}
     */
    public record Part(
            String name,
            Subnet subnet,
            Map<String, Tensor> statistics,
            NetDescription description) {

        /**
         * Makes a part of a subnet's whole state dict.
         *
         * @param name of its directory: letters, digits, dots, - and _
         * @param subnet how it lies within the larger net
         * @param tensors of which the running means and variances are taken
         * @param description the net
         * @return the part
         */
        public static Part of(
                String name,
                Subnet subnet,
                Map<String, Tensor> tensors,
                NetDescription description) {
            Map<String, Tensor> statistics = new LinkedHashMap<>(tensors);
            statistics.keySet().removeIf(key -> !ParameterNames.isStatistic(key));
            return new Part(name, subnet, statistics, description);
        }
    }

    /**
     * One of an elastic package's nets.
     *
     * @param name its directory's, or {@link #WHOLE}
     * @param path where it opens
     * @param description what it says
     * @param multiplyAdds of one image of its input's size
     */
    public record Net(String name, Path path, NetDescription description, long multiplyAdds) {

        /**
         * Returns the accuracy on validation images.
         *
         * @return 0 to 1; empty if the provenance does not say it
         */
        public OptionalDouble top1() {
            return description.provenance().get(PROVENANCE) instanceof Map<?, ?> told
                            && told.get("top1") instanceof Number top1
                    ? OptionalDouble.of(top1.doubleValue())
                    : OptionalDouble.empty();
        }

        private int side() {
            Preprocessing input = description.preprocessing();
            return Math.min(input.height(), input.width());
        }

        @Override
        public String toString() {
            return name + String.format(Locale.ROOT, " (%.1f M multiply-adds)", multiplyAdds / 1e6);
        }
    }

    /**
     * Saves a net with subnets, of which a reader never sees half.
     *
     * @param directory the package to make or to replace
     * @param whole the largest net
     * @param parts the others
     * @return the package
     * @throws IOException if it cannot be written; what stood there before stays
     * @throws IllegalArgumentException in one sentence, if a part is none of this net's, its
     *     statistics are not all of its own, or its name is another's or cannot be one
     */
    public static ModelPackage save(Path directory, NetWithWeights whole, List<Part> parts)
            throws IOException {
        Set<String> names = new HashSet<>(Set.of(WHOLE, AUTO));
        for (Part part : parts) {
            if (!part.name.matches(NAME) || !names.add(part.name.toLowerCase(Locale.ROOT))) {
                throw new IllegalArgumentException(
                        "'%s' cannot name a subnet: names are letters, digits, dots, - and _, each another, and neither %s nor %s."
                                .formatted(part.name, WHOLE, AUTO));
            }
            require(whole.description(), part);
        }
        return whole.save(
                directory,
                staging -> {
                    String sum = ModelPackage.read(staging).parametersSha256();
                    for (Part part : parts) {
                        Path place = staging.resolve(SubnetFiles.DIRECTORY).resolve(part.name);
                        SubnetFiles.write(place, part, sum);
                    }
                });
    }

    private static void require(NetDescription whole, Part part) {
        NetDescription own = part.description;
        if (!part.subnet.whole().equals(whole.architecture())
                || !part.subnet.part().equals(own.architecture())
                || !own.classes().equals(whole.classes())
                || own.preprocessing().channels() != whole.preprocessing().channels()) {
            throw new IllegalArgumentException(
                    "The subnet %s is not of the net %s with its classes, or is described otherwise than it is."
                            .formatted(part.name, whole.architecture().name()));
        }
        SubnetFiles.requireStatistics(part.subnet, part.statistics);
    }

    /**
     * Reads what the nets of an elastic package say.
     *
     * @param path a package directory or a ZIP of one
     * @return all of its nets, the whole one included; it alone if the package has no subnets
     * @throws IOException in one sentence, if the package or a subnet is missing or damaged, or is
     *     a subnet itself
     */
    public static ElasticPackage read(Path path) throws IOException {
        ModelPackage whole = whole(path);
        List<Net> nets = new ArrayList<>(List.of(net(WHOLE, path, whole)));
        for (String name : names(whole)) {
            Path place = whole.directory().resolve(SubnetFiles.DIRECTORY).resolve(name);
            nets.add(net(name, place(path, name), ModelPackage.subnet(place, whole)));
        }
        nets.sort(Comparator.comparingLong(Net::multiplyAdds));
        return new ElasticPackage(path, List.copyOf(nets));
    }

    /**
     * Finds one of an elastic package's nets, whatever the others are like.
     *
     * @param path a package directory or a ZIP of one
     * @param name a subnet's, or {@link #WHOLE}
     * @param by the option that asks for it, which messages name
     * @return where it opens
     * @throws IOException in one sentence, if the package is missing or damaged
     * @throws IllegalArgumentException in one sentence that lists the names, if there is none of
     *     this name
     */
    public static Path locate(Path path, String name, String by) throws IOException {
        if (FileKind.of(path).isPackage()) {
            List<String> names = names(whole(path));
            if (names.contains(name) || (name.equals(WHOLE) && !names.isEmpty())) {
                return place(path, name);
            }
        }
        return read(path, by).get(name).path();
    }

    /**
     * Reads what the nets of an elastic package say.
     *
     * @param path a package directory or a ZIP of one
     * @param by the option that asks for subnets, which the message names
     * @return all of its nets, the whole one included
     * @throws IOException as {@link #read(Path)} says
     * @throws IllegalArgumentException in one sentence, if it is not an elastic package
     */
    public static ElasticPackage read(Path path, String by) throws IOException {
        boolean plain = !FileKind.of(path).isPackage();
        ElasticPackage found = plain ? null : read(path);
        if (plain || found.nets.size() == 1) {
            throw new IllegalArgumentException(
                    "%s has no subnets, so %s has nothing to choose; leave it out."
                            .formatted(path, by));
        }
        return found;
    }

    /**
     * Returns whether a path is a subnet's.
     *
     * @param path any path
     * @return whether it lies in a larger net's package, or in a zip; then {@link
     *     ModelPackage#find} opens it or says why not
     */
    public static boolean isSubnet(Path path) {
        return SubnetFiles.isSubnet(path);
    }

    private static Net net(String name, Path path, ModelPackage found) {
        NetDescription net = found.description();
        Preprocessing input = net.preprocessing();
        Shape image = new Shape(1, input.channels(), input.height(), input.width());
        long multiplyAdds =
                Graph.trace(MobileNetV3.of(net.architecture()), image).cost().stream()
                        .mapToLong(LayerCost::multiplyAdds)
                        .sum();
        return new Net(name, path, net, multiplyAdds);
    }

    private static ModelPackage whole(Path path) throws IOException {
        ModelPackage whole = ModelPackage.find(path);
        if (whole.subnet() != null) {
            throw new IOException(path + " is a subnet itself and has none.");
        }
        return whole;
    }

    private static List<String> names(ModelPackage whole) throws IOException {
        Path subnets = whole.directory().resolve(SubnetFiles.DIRECTORY);
        if (!Files.isDirectory(subnets)) {
            return List.of();
        }
        try (Stream<Path> all = Files.list(subnets)) {
            return all.filter(Files::isDirectory)
                    .map(place -> place.getFileName().toString())
                    .filter(name -> name.matches(NAME))
                    .sorted()
                    .toList();
        }
    }

    private static Path place(Path path, String name) {
        return name.equals(WHOLE) ? path : path.resolve(SubnetFiles.DIRECTORY).resolve(name);
    }

    /**
     * Finds one of the nets.
     *
     * @param name a subnet's, or {@link #WHOLE}
     * @return the net
     * @throws IllegalArgumentException in one sentence that lists the names, if there is none of
     *     this name
     */
    public Net get(String name) {
        return nets.stream()
                .filter(net -> net.name.equals(name))
                .findFirst()
                .orElseThrow(
                        () ->
                                new IllegalArgumentException(
                                        "%s has no subnet '%s'; it has %s."
                                                .formatted(
                                                        path,
                                                        name,
                                                        nets.stream()
                                                                .map(Net::toString)
                                                                .collect(
                                                                        Collectors.joining(
                                                                                ", ")))));
    }

    /**
     * Returns the nets from the most accurate down, by what their provenance says; of equals, those
     * with more multiply-adds first, and those that say nothing last.
     *
     * @return all of them
     */
    public List<Net> byAccuracy() {
        return nets.stream()
                .sorted(
                        Comparator.comparingDouble((Net net) -> net.top1().orElse(-1))
                                .thenComparingLong(Net::multiplyAdds)
                                .reversed())
                .toList();
    }

    /**
     * Chooses by an image's size: the net whose input is the largest that the image fills; of those
     * of one size the most accurate.
     *
     * @param side the image's shorter one, in pixels
     * @return the net; one with the smallest input if the image fills none
     */
    public Net forImage(int side) {
        int smallest = nets.stream().mapToInt(Net::side).min().orElseThrow();
        int filled =
                nets.stream().mapToInt(Net::side).filter(own -> own <= side).max().orElse(smallest);
        return byAccuracy().stream().filter(net -> net.side() == filled).findFirst().orElseThrow();
    }
}
