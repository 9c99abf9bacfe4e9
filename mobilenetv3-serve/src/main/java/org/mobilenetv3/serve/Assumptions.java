package org.mobilenetv3.serve;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.mobilenetv3.MobileNetV3Config;
import org.mobilenetv3.cli.InputSize;
import org.mobilenetv3.image.Normalization;
import org.mobilenetv3.io.TextFile;
import org.mobilenetv3.zoo.Fit;
import org.mobilenetv3.zoo.ModelDescription;
import org.mobilenetv3.zoo.ModelPackage;
import org.mobilenetv3.zoo.Preprocessing;
import org.mobilenetv3.zoo.TrainedWeights;
import org.mobilenetv3.zoo.TrainedWeights.Unsaid;
import picocli.CommandLine.Option;

/** What a file of weights does not say; packages say it themselves. */
final class Assumptions {

    @Option(
            names = "--class-names",
            paramLabel = "FILE",
            description =
                    "Text file with a class name per line (default: ImageNet's for 1000 classes).")
    private Path classNames;

    @Option(
            names = "--input-size",
            paramLabel = "PIXELS",
            converter = InputSize.class,
            description = "What the net was trained on: 224 (the default), 192, 48x192 ...")
    private Fit inputSize;

    @Option(
            names = "--mean",
            split = ",",
            paramLabel = "M",
            description = "Of each channel of pixels in [0, 1] (default: ImageNet's).")
    private float[] mean;

    @Option(
            names = "--std",
            split = ",",
            paramLabel = "S",
            description = "Deviation of each channel (default: ImageNet's).")
    private float[] std;

    @Option(
            names = "--stem-stride",
            paramLabel = "N",
            description = "Stride of the first convolution (default: 2).")
    private Integer stemStride;

    /**
     * Gives what to put in place of the defaults.
     *
     * @param from the weights
     * @throws IllegalArgumentException if an option is given for what the weights say themselves
     */
    UnaryOperator<ModelPackage> of(Path from) throws IOException {
        refuse(from, Unsaid.CLASSES_AND_SIZE, "--class-names", classNames);
        refuse(from, Unsaid.CLASSES_AND_SIZE, "--input-size", inputSize);
        refuse(from, Unsaid.NORMALIZATION, "--mean and --std", mean, std);
        refuse(from, Unsaid.STEM_STRIDE, "--stem-stride", stemStride);
        if ((mean == null) != (std == null)) {
            throw new IllegalArgumentException("Give both --mean and --std or neither.");
        }
        List<String> names = classNames == null ? null : read(classNames);
        return found -> edit(found, names);
    }

    /** What the weights say themselves is not to be contradicted. */
    private static void refuse(Path from, Unsaid what, String option, Object... given)
            throws IOException {
        boolean any = Stream.of(given).anyMatch(Objects::nonNull);
        if (any && !(TrainedWeights.isFile(from) && TrainedWeights.unsaid(from).contains(what))) {
            throw new IllegalArgumentException(
                    "%s says itself what %s would; leave it out.".formatted(from, option));
        }
    }

    private ModelPackage edit(ModelPackage found, List<String> names) {
        ModelDescription was = found.description();
        Preprocessing input = was.input();
        MobileNetV3Config config = was.architecture();
        if (stemStride != null) {
            config = config.withStemStride(stemStride);
        }
        if (names != null && names.size() != config.classes()) {
            throw new IllegalArgumentException(
                    String.format(
                            Locale.ROOT,
                            "%s names %d classes but the net in %s has %d.",
                            classNames,
                            names.size(),
                            found.directory(),
                            config.classes()));
        }
        Preprocessing edited =
                new Preprocessing(
                        inputSize == null ? input.fit() : inputSize,
                        mean == null ? input.normalization() : new Normalization(mean, std));
        return new ModelPackage(
                found.directory(),
                ModelDescription.of(config, edited, was.provenance()),
                names == null ? found.classes() : names);
    }

    private static List<String> read(Path file) throws IOException {
        if (Files.isDirectory(file)) {
            throw new IOException(
                    "--class-names is %s, which is a directory; give a text file.".formatted(file));
        }
        try {
            return TextFile.lines(file);
        } catch (CharacterCodingException e) {
            throw new IOException(file + " is not UTF-8 text.", e);
        }
    }
}
