package org.mobilenetv3.trained;

import ai.djl.Device;
import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.util.JsonUtils;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.mobilenetv3.MobileNetV3;
import org.mobilenetv3.elastic.Subnet;
import org.mobilenetv3.elastic.Window;
import org.mobilenetv3.format.Tensor;
import org.mobilenetv3.format.TensorFile;
import org.mobilenetv3.format.djl.DjlParameters;
import org.mobilenetv3.format.safetensors.SafeTensors;
import org.mobilenetv3.io.Checksums;
import org.mobilenetv3.io.FileNames;
import org.mobilenetv3.io.JsonTree;
import org.mobilenetv3.nn.ParameterNames;
import org.mobilenetv3.weights.NetWeights;

/**
 * The directory of a subnet in an {@linkplain ElasticPackage elastic package}: {@code model.json},
 * {@code synset.txt} and its running statistics; its weights are the larger net's.
 */
final class SubnetFiles {

    /** The directory of all subnets, in the larger net's package. */
    static final String DIRECTORY = "subnets";

    static final String STATISTICS = "statistics.safetensors";

    /**
     * What {@code model.json} says of a subnet alone; {@code parametersSha256} is the checksum of
     * the larger net's parameters.
     *
     * @param rows for each block, which block of the larger net it is
     * @param statisticsSha256 checksum of the file of statistics
     */
    record Key(List<Integer> rows, String statisticsSha256) {

        /** Reads it; throws whatever Gson does. */
        static Key read(JsonElement json) {
            JsonObject key = json.getAsJsonObject();
            List<Integer> rows = new ArrayList<>();
            key.getAsJsonArray("rows").forEach(row -> rows.add(row.getAsInt()));
            return new Key(rows, key.get("statisticsSha256").getAsString());
        }
    }

    private SubnetFiles() {}

    /** Returns whether a path is a subnet's, by what lies there; unread if it lies in a zip. */
    static boolean isSubnet(Path path) {
        if (FileNames.fileAbove(path) != null) {
            return true;
        }
        try {
            return JsonTree.read(path.resolve(ModelPackage.DESCRIPTION)).has("subnet");
        } catch (IOException | RuntimeException e) { // no package: opening it says why
            return false;
        }
    }

    /** Returns the package that a subnet's directory lies in. */
    static Path larger(Path directory) throws IOException {
        Path subnets = directory.toRealPath().getParent(); // a link may lead here
        boolean within = subnets != null && subnets.endsWith(DIRECTORY);
        Path larger = within ? subnets.getParent() : null;
        if (larger == null || !Files.isRegularFile(larger.resolve(ModelPackage.DESCRIPTION))) {
            throw new IOException(
                    "%s is a subnet, which opens only in its larger net's package, as PACKAGE/%s/NAME."
                            .formatted(directory, DIRECTORY));
        }
        return larger;
    }

    /**
     * Checks a subnet against its files and its larger net.
     *
     * @param directory the subnet's
     * @param own what its files say
     * @param larger the package that it lies in, read
     * @param parametersSha256 of the larger net that it belongs to
     * @param key what else it says
     * @return the subnet
     * @throws IOException in one sentence, if they do not fit each other
     */
    static ModelPackage read(
            Path directory,
            NetDescription own,
            ModelPackage larger,
            String parametersSha256,
            Key key)
            throws IOException {
        if (!larger.parametersSha256().equals(parametersSha256)) {
            throw new IOException(
                    "%s is a subnet of another net than %s (whose weights have another checksum); copy the whole package again."
                            .formatted(directory, larger.directory()));
        }
        if (!larger.description().classes().equals(own.classes())) {
            throw new IOException(
                    "%s is damaged: a subnet has the classes of its larger net, but these are others."
                            .formatted(directory.resolve(ModelPackage.SYNSET)));
        }
        Path statistics = directory.resolve(STATISTICS);
        if (!Files.isRegularFile(statistics)
                || !Checksums.sha256(statistics).equals(key.statisticsSha256())) {
            throw new IOException(
                    "%s is missing or damaged (its checksum is not the one in %s); copy the package again."
                            .formatted(statistics, ModelPackage.DESCRIPTION));
        }
        Subnet subnet;
        try {
            subnet =
                    new Subnet(larger.description().architecture(), own.architecture(), key.rows());
        } catch (IllegalArgumentException e) {
            throw new IOException(
                    "%s does not describe a subnet of %s: %s"
                            .formatted(
                                    directory.resolve(ModelPackage.DESCRIPTION),
                                    larger.directory(),
                                    e.getMessage()),
                    e);
        }
        return new ModelPackage(directory, own, sum(parametersSha256, key, subnet), subnet);
    }

    /** The checksum of all that decides a subnet's numbers. */
    private static String sum(String parametersSha256, Key key, Subnet subnet) {
        MessageDigest sum = Checksums.digest("SHA-256");
        String all =
                String.join(
                        "\n",
                        parametersSha256,
                        key.statisticsSha256(),
                        key.rows().toString(),
                        JsonUtils.GSON.toJson(subnet.part()));
        return HexFormat.of().formatHex(sum.digest(all.getBytes(StandardCharsets.UTF_8)));
    }

    /**
     * Opens a subnet's state dict: its part of the larger net's weights, and its own statistics.
     *
     * @param found the subnet
     * @return its tensors by name; close them after use
     * @throws IOException in one sentence, if they cannot be read
     */
    static TensorFile tensors(ModelPackage found) throws IOException {
        MobileNetV3 whole = MobileNetV3.of(found.subnet().whole());
        Path larger = larger(found.directory());
        try {
            TensorFile weights = DjlParameters.read(ModelPackage.parameters(larger), whole);
            try {
                TensorFile own = SafeTensors.read(found.directory().resolve(STATISTICS));
                return new TensorFile(
                        found.subnet().extract(weights.tensors(), checked(found, own)),
                        Map.of(),
                        () -> {
                            own.close();
                            weights.close();
                        });
            } catch (IOException | RuntimeException e) {
                weights.close();
                throw e;
            }
        } catch (IOException | MalformedModelException e) {
            throw found.unreadable(e, e);
        }
    }

    private static Map<String, Tensor> checked(ModelPackage found, TensorFile own)
            throws IOException {
        try {
            requireStatistics(found.subnet(), own.tensors());
            return own.tensors();
        } catch (IllegalArgumentException e) {
            own.close();
            throw new IOException(e.getMessage(), e);
        }
    }

    /**
     * Refuses statistics that are not all of a subnet's, or more.
     *
     * @throws IllegalArgumentException in one sentence
     */
    static void requireStatistics(Subnet subnet, Map<String, Tensor> statistics) {
        Set<String> names = new LinkedHashSet<>(statistics.keySet());
        for (Map.Entry<String, Window> source : subnet.sources().entrySet()) {
            String name = source.getKey();
            if (ParameterNames.isStatistic(name)) {
                Tensor tensor = statistics.get(name);
                if (tensor == null || !tensor.shape().equals(source.getValue().shape())) {
                    throw new IllegalArgumentException(
                            "The statistics of the subnet %s have no %s of shape %s."
                                    .formatted(
                                            subnet.part().name(), name, source.getValue().shape()));
                }
                names.remove(name);
            }
        }
        if (!names.isEmpty()) {
            throw new IllegalArgumentException(
                    "The statistics of the subnet %s have %s, which is no running statistic of it."
                            .formatted(subnet.part().name(), names.iterator().next()));
        }
    }

    /** Makes the net with its weights; otherwise as {@link ModelPackage#load}. */
    static Model load(ModelPackage found, Device device) throws IOException {
        try (TensorFile file = tensors(found)) {
            NetWeights weights =
                    new NetWeights(
                            found.directory(),
                            "",
                            found.description().architecture(),
                            file.tensors(),
                            Map.of(),
                            Optional.empty(),
                            List.of(),
                            null,
                            file);
            return new WeightsFile(weights, found.description(), Set.of()).load(device);
        }
    }

    /** Writes a subnet's directory. */
    static void write(Path directory, ElasticPackage.Part part, String parametersSha256)
            throws IOException {
        Files.createDirectories(directory);
        Path statistics = directory.resolve(STATISTICS);
        SafeTensors.write(statistics, part.statistics(), Map.of());
        ModelPackage.describe(
                directory,
                part.description(),
                parametersSha256,
                new Key(part.subnet().rows(), Checksums.sha256(statistics)));
    }
}
