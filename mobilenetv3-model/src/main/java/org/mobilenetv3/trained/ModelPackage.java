package org.mobilenetv3.trained;

import ai.djl.Device;
import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.ndarray.types.Shape;
import ai.djl.util.JsonUtils;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.mobilenetv3.Architecture;
import org.mobilenetv3.MobileNetV3;
import org.mobilenetv3.Task;
import org.mobilenetv3.elastic.Subnet;
import org.mobilenetv3.format.TensorFile;
import org.mobilenetv3.format.djl.DjlParameters;
import org.mobilenetv3.image.Interpolation;
import org.mobilenetv3.io.AtomicDirectory;
import org.mobilenetv3.io.Checksums;
import org.mobilenetv3.io.FileErrors;
import org.mobilenetv3.io.FileNames;
import org.mobilenetv3.io.JsonTree;
import org.mobilenetv3.io.TextFile;
import org.mobilenetv3.preprocessing.Fit;
import org.mobilenetv3.preprocessing.Preprocessing;
import org.mobilenetv3.runtime.TorchRuntime;

/**
 * A trained net on disk: a directory (or a zip of it) with {@code <name>-0000.params}, {@code
 * model.json}, {@code synset.txt} and {@code serving.properties}.
 *
 * @param directory where it lies
 * @param description what {@code model.json} and {@code synset.txt} say
 * @param parametersSha256 checksum of the parameter file, in hexadecimal; of a subnet, of all that
 *     its numbers come from
 * @param subnet how the net lies within a larger one, whose weights it uses ({@link
 *     ElasticPackage}); null for an ordinary package
 */
public record ModelPackage(
        Path directory, NetDescription description, String parametersSha256, Subnet subnet) {

    /** The form of {@code model.json} that is written; form 1 had no table of blocks. */
    public static final int FORMAT = 2;

    /** The content of {@code model.json}. */
    private record Content(
            int format,
            Architecture architecture,
            Preprocessing input,
            Map<String, Object> provenance,
            String parametersSha256,
            SubnetFiles.Key subnet) {}

    /** Writes further files into a package while it is saved. */
    @FunctionalInterface
    public interface Extra {
        /** Writes nothing. */
        Extra NONE = directory -> {};

        /**
         * Writes the files.
         *
         * @param directory the package in the making
         * @throws IOException if it cannot
         */
        void write(Path directory) throws IOException;
    }

    static final String DESCRIPTION = "model.json";
    // By their names: the zoo is built on this package.
    private static final String BLOCK_FACTORY = "org.mobilenetv3.zoo.PackageBlockFactory";
    private static final String TRANSLATOR_FACTORY = "org.mobilenetv3.zoo.PackageTranslatorFactory";
    private static final String PARAMETERS = "-0000.params";
    static final String SYNSET = "synset.txt";
    static final String SERVING = "serving.properties";

    /**
     * Reads and checks a package's files, but not yet its weights.
     *
     * @param directory the package
     * @return what it says
     * @throws IOException in one sentence, if it is missing, foreign, of another version or damaged
     */
    public static ModelPackage read(Path directory) throws IOException {
        requirePresent(directory);
        Content content = content(directory);
        if (content.subnet != null) {
            return read(directory, content, read(SubnetFiles.larger(directory)));
        }
        NetDescription description = description(directory, content);
        Path parameters = parameters(directory);
        if (parameters == null || !Checksums.sha256(parameters).equals(content.parametersSha256)) {
            throw new IOException(
                    "%s is missing or damaged (its checksum is not the one in %s); copy the package again."
                            .formatted(
                                    parameters == null
                                            ? directory.resolve(
                                                    content.architecture.name() + PARAMETERS)
                                            : parameters,
                                    DESCRIPTION));
        }
        return new ModelPackage(directory, description, content.parametersSha256, null);
    }

    /** Reads a subnet's files; the larger net's have been read. */
    static ModelPackage subnet(Path directory, ModelPackage larger) throws IOException {
        Content content = content(directory);
        if (content.subnet == null) {
            throw new IOException(
                    "%s lies among the subnets of %s but is none."
                            .formatted(directory, larger.directory));
        }
        return read(directory, content, larger);
    }

    private static ModelPackage read(Path directory, Content content, ModelPackage larger)
            throws IOException {
        return SubnetFiles.read(
                directory,
                description(directory, content),
                larger,
                content.parametersSha256,
                content.subnet);
    }

    private static NetDescription description(Path directory, Content content) throws IOException {
        List<String> classes;
        try {
            classes = TextFile.lines(directory.resolve(SYNSET));
        } catch (CharacterCodingException e) {
            throw new IOException(directory.resolve(SYNSET) + " is not UTF-8 text.", e);
        }
        if (classes.size() != content.architecture.classes()) {
            throw new IOException(
                    String.format(
                            Locale.ROOT,
                            "%s names %d classes but the net has %d.",
                            directory.resolve(SYNSET),
                            classes.size(),
                            content.architecture.classes()));
        }
        return new NetDescription(
                content.architecture, content.input, true, classes, content.provenance);
    }

    private static Content content(Path directory) throws IOException {
        Path file = directory.resolve(DESCRIPTION);
        if (!Files.isRegularFile(file)) {
            throw new IOException(
                    "%s is not a MobileNetV3 package: it has no %s."
                            .formatted(directory, DESCRIPTION));
        }
        JsonObject json;
        try {
            json = JsonTree.read(file);
            if (json.has("format") && json.get("format").getAsInt() > FORMAT) {
                throw new IOException(
                        String.format(
                                Locale.ROOT,
                                "%s has format %d but this version reads up to %d; use the version that wrote it.",
                                file,
                                json.get("format").getAsInt(),
                                FORMAT));
            }
            if (json.has("architecture") && json.has("input")) {
                return new Content(
                        FORMAT,
                        Architecture.read(json.get("architecture")),
                        Preprocessing.read(json.getAsJsonObject("input")),
                        provenance(json.get("provenance")),
                        json.get("parametersSha256").getAsString(),
                        json.has("subnet") ? SubnetFiles.Key.read(json.get("subnet")) : null);
            }
        } catch (RuntimeException | CharacterCodingException e) { // also Gson's and the records'
            throw new IOException(
                    file + " cannot be read: it is damaged or describes another kind of net.", e);
        }
        throw new IOException(
                file + " does not describe a MobileNetV3 (no architecture or no input).");
    }

    @SuppressWarnings("unchecked") // what was not an object is refused
    private static Map<String, Object> provenance(JsonElement json) {
        return json == null || json.isJsonNull()
                ? Map.of()
                : (Map<String, Object>) JsonTree.plain(json.getAsJsonObject());
    }

    /**
     * Reads and checks a package wherever it is, but not yet its weights.
     *
     * @param path a package directory or a zip of one; or what lies within either, {@code
     *     subnets/NAME}
     * @return what it says, and the directory where it is (now)
     * @throws IOException in one sentence, if the package cannot be used
     */
    public static ModelPackage find(Path path) throws IOException {
        Path zip = FileNames.fileAbove(path);
        if (zip != null) {
            return read(PackageZip.unpack(zip).resolve(zip.relativize(path)));
        }
        Path within = path.toAbsolutePath().getParent();
        if (within != null && within.endsWith(SubnetFiles.DIRECTORY)) {
            recover(within.getParent());
        }
        recover(path);
        requirePresent(path);
        return read(Files.isDirectory(path) ? path : PackageZip.unpack(path));
    }

    /**
     * Makes the net with its weights.
     *
     * @param device where to put them, or null for DJL's choice
     * @return a model that holds a {@link MobileNetV3}; close it after use
     * @throws IOException if the parameters cannot be read, or are of another architecture
     */
    public Model load(Device device) throws IOException {
        if (subnet != null) {
            return SubnetFiles.load(this, device);
        }
        TorchRuntime.start();
        String name = modelName(directory);
        Model model = Model.newInstance(name, device, "PyTorch");
        try {
            model.setBlock(
                    MobileNetV3.of(
                            description.architecture(),
                            description.preprocessing().normalization()));
            model.load(directory, name);
            return model;
        } catch (IOException | MalformedModelException e) {
            model.close();
            throw unreadable(FileErrors.root(e), e);
        }
    }

    /**
     * Opens the weights without an engine.
     *
     * @param net the description's net, not initialized; it is good for tracing only afterwards
     * @return its parameters by their names; close them after use
     * @throws IOException if the parameters cannot be read, or are of another architecture
     */
    TensorFile weights(MobileNetV3 net) throws IOException {
        if (subnet != null) {
            TensorFile file = SubnetFiles.tensors(this);
            Preprocessing input = description.preprocessing();
            Shape image = new Shape(1, input.channels(), input.height(), input.width());
            DjlParameters.fill(net, image, file.tensors());
            return file;
        }
        try {
            return DjlParameters.read(parameters(directory), net);
        } catch (IOException | MalformedModelException e) {
            throw unreadable(e, e);
        }
    }

    IOException unreadable(Throwable reason, Exception e) {
        return new IOException(
                "%s cannot be opened: %s".formatted(directory, FileErrors.sentence(reason)), e);
    }

    private static void requirePresent(Path path) throws IOException {
        if (!Files.exists(path)) {
            throw new IOException("There is no model package or file of weights at " + path + ".");
        }
    }

    /**
     * Saves a model as a package, on which a reader never sees half: everything is written and
     * flushed beside it first.
     *
     * @param directory the package to make or to replace
     * @param model a model whose block is initialized
     * @param description what {@code model.json} and {@code synset.txt} will say
     * @param extra writes further files beside those of the package
     * @return the package as saved
     * @throws IOException if it cannot be written; what stood there before stays
     */
    public static ModelPackage save(
            Path directory, Model model, NetDescription description, Extra extra)
            throws IOException {
        String name = description.architecture().name();
        return save(directory, description, extra, staging -> model.save(staging, name));
    }

    /** Saves a net whose numbers lie in another file. */
    static ModelPackage save(
            Path directory, MobileNetV3 net, NetDescription description, Extra extra)
            throws IOException {
        String name = description.architecture().name();
        return save(
                directory,
                description,
                extra,
                staging -> DjlParameters.write(staging.resolve(name + PARAMETERS), name, net));
    }

    private static ModelPackage save(
            Path directory, NetDescription description, Extra extra, Extra parameters)
            throws IOException {
        if (Files.exists(directory) && !Files.exists(directory.resolve(DESCRIPTION))) {
            throw new IOException(
                    directory + " is there already and is no package; it is not replaced.");
        }
        String[] saved = new String[1];
        AtomicDirectory.replace(
                directory,
                staging -> {
                    parameters.write(staging);
                    saved[0] = Checksums.sha256(parameters(staging));
                    describe(staging, description, saved[0], null);
                    Files.write(staging.resolve(SERVING), serving(description));
                    extra.write(staging);
                });
        return new ModelPackage(directory, description, saved[0], null);
    }

    /** Writes what a package says; of a subnet, with its key. */
    static void describe(
            Path directory,
            NetDescription description,
            String parametersSha256,
            SubnetFiles.Key subnet)
            throws IOException {
        Content content =
                new Content(
                        FORMAT,
                        description.architecture(),
                        description.preprocessing(),
                        description.provenance(),
                        parametersSha256,
                        subnet);
        Files.writeString(
                directory.resolve(DESCRIPTION), JsonUtils.GSON_PRETTY.toJson(content) + "\n");
        Files.write(directory.resolve(SYNSET), description.classes());
    }

    /**
     * Puts a package back in place if a crash fell into the moment when {@link #save} replaced it.
     *
     * @param directory the package
     * @throws IOException if it cannot be renamed
     */
    public static void recover(Path directory) throws IOException {
        AtomicDirectory.recover(directory);
    }

    /**
     * Deletes a package, if it is there.
     *
     * @param directory the package
     * @throws IOException if it cannot be deleted
     */
    public static void delete(Path directory) throws IOException {
        AtomicDirectory.delete(directory);
    }

    /**
     * What DJL needs to open the package. Given the path of a classifier alone, it makes its own
     * translator of these arguments: the same pixels for images of the input's size, its own
     * resizing for others.
     */
    private static List<String> serving(NetDescription description) {
        Preprocessing input = description.preprocessing();
        List<String> lines =
                new ArrayList<>(
                        List.of(
                                "engine=PyTorch",
                                "option.modelName=" + description.architecture().name(),
                                "blockFactory=" + BLOCK_FACTORY,
                                "translatorFactory=" + TRANSLATOR_FACTORY));
        if (description.architecture().task() != Task.CLASSIFY) {
            return lines; // DJL has no translator of its own for them
        }
        lines.addAll(
                List.of(
                        "flag=" + (input.channels() == 1 ? "GRAYSCALE" : "COLOR"),
                        "width=" + input.width(),
                        "height=" + input.height(),
                        "applySoftmax=true"));
        lines.addAll(resizing(input.fit()));
        return lines;
    }

    /** DJL pads to squares only: what would be padded, it stretches to the whole width. */
    private static List<String> resizing(Fit fit) {
        if (fit instanceof Fit.CenterCrop crop) {
            // DJL's BILINEAR and BICUBIC do not antialias, as OpenCV's: nearest to Pillow is AREA.
            boolean sharp = crop.interpolation() == Interpolation.OPENCV_BILINEAR;
            return List.of(
                    "resizeShort=" + crop.resize() + (sharp ? ",-1,BILINEAR" : ",-1,AREA"),
                    "centerCrop=true");
        }
        String how = fit instanceof Fit.Stretch ? "BILINEAR" : "AREA";
        return List.of(
                String.format(Locale.ROOT, "resize=%d,%d,%s", fit.width(), fit.height(), how));
    }

    /**
     * Returns the name under which DJL loads a package's parameters.
     *
     * @param directory a package
     * @return the name of its parameter file without DJL's ending
     * @throws IOException in one sentence, if there is none
     */
    public static String modelName(Path directory) throws IOException {
        Path parameters = parameters(directory);
        if (parameters == null) {
            throw new IOException("%s has no file of parameters.".formatted(directory));
        }
        String name = parameters.getFileName().toString();
        return name.substring(0, name.length() - PARAMETERS.length());
    }

    /** The one file of parameters, or null. */
    static Path parameters(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> file.toString().endsWith(PARAMETERS))
                    .filter(Files::isRegularFile)
                    .findFirst()
                    .orElse(null);
        }
    }
}
