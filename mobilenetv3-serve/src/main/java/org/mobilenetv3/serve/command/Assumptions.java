package org.mobilenetv3.serve.command;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.mobilenetv3.Architecture;
import org.mobilenetv3.cli.ArchOption;
import org.mobilenetv3.cli.InputSize;
import org.mobilenetv3.image.Normalization;
import org.mobilenetv3.io.TextFile;
import org.mobilenetv3.preprocessing.Fit;
import org.mobilenetv3.preprocessing.Preprocessing;
import org.mobilenetv3.trained.FileKind;
import org.mobilenetv3.trained.NetDescription;
import org.mobilenetv3.trained.NetWithWeights;
import org.mobilenetv3.trained.WeightsFile;
import org.mobilenetv3.trained.WeightsFile.Unspecified;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What a file of weights does not say; packages say it themselves. */
final class Assumptions {

    @Option(
            names = "--class-names",
            paramLabel = "FILE",
            description =
                    "Text file with a class name per line (default: ImageNet's for 1000 classes,"
                            + " Pascal VOC's for a net that segments into 21).")
    private Path classNames;

    @Option(
            names = "--input-size",
            paramLabel = "PIXELS",
            converter = InputSize.class,
            description =
                    "What the net was trained on: 224 (the default), 192, 48x192 ...; for a net that"
                            + " segments the shorter side of the whole image (520).")
    private Fit inputSize;

    @Option(
            names = "--mean",
            split = ",",
            paramLabel = "M",
            description = "Mean of each channel, for pixels in [0, 1] (default: ImageNet's).")
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

    @Mixin private ArchOption arch = new ArchOption();

    /**
     * Opens weights with what was given in place of the defaults.
     *
     * @param from a package or a file of weights
     * @return the net; close it after use
     * @throws IOException in one sentence, if they cannot be used
     * @throws IllegalArgumentException if an option is given for what the weights say themselves
     */
    NetWithWeights open(Path from) throws IOException {
        if ((mean == null) != (std == null)) {
            throw new IllegalArgumentException("Give both --mean and --std or neither.");
        }
        if (FileKind.of(from).isPackage()) {
            refuse(from, Set.of());
            return NetWithWeights.open(from, arch.read());
        }
        List<String> names = classNames == null ? null : read(classNames);
        WeightsFile file = WeightsFile.open(from, arch.read());
        try {
            refuse(from, file.unspecified());
            return NetWithWeights.open(file.with(edit(from, file.description(), names)));
        } catch (IOException | RuntimeException e) {
            file.close();
            throw e;
        }
    }

    /** What the weights say themselves is not to be contradicted. */
    private void refuse(Path from, Set<Unspecified> open) {
        boolean classes = open.contains(Unspecified.CLASSES_AND_SIZE);
        String told =
                classNames != null && !classes
                        ? "--class-names"
                        : inputSize != null && !classes
                                ? "--input-size"
                                : mean != null && !open.contains(Unspecified.NORMALIZATION)
                                        ? "--mean and --std"
                                        : stemStride != null && !open.contains(Unspecified.FAMILY)
                                                ? "--stem-stride"
                                                : null;
        if (told != null) {
            throw new IllegalArgumentException(
                    "%s specifies that itself; leave out %s.".formatted(from, told));
        }
    }

    private NetDescription edit(Path from, NetDescription found, List<String> names) {
        Architecture net = found.architecture();
        if (names != null && names.size() != net.classes()) {
            throw new IllegalArgumentException(
                    String.format(
                            Locale.ROOT,
                            "%s names %d classes but the net in %s has %d.",
                            classNames,
                            names.size(),
                            from,
                            net.classes()));
        }
        Preprocessing input = found.preprocessing();
        return new NetDescription(
                stemStride == null ? net : net.withStemStride(stemStride),
                new Preprocessing(
                        inputSize == null ? input.fit() : inputSize.inTheMannerOf(input.fit()),
                        mean == null ? input.normalization() : new Normalization(mean, std)),
                true,
                names == null ? found.classes() : names,
                found.provenance());
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
