package org.mobilenetv3.serve.command;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.mobilenetv3.export.ExportFormat;
import org.mobilenetv3.export.ExportReport;
import org.mobilenetv3.export.Exporter;
import org.mobilenetv3.export.WeightsExporter;
import org.mobilenetv3.export.WeightsFormat;
import org.mobilenetv3.export.bundle.BundleExporter;
import org.mobilenetv3.io.FileNames;
import org.mobilenetv3.trained.NetWithWeights;

/** What trained weights are written as. */
enum Target {
    ONNX,
    TORCHSCRIPT,
    SAFETENSORS,
    TORCHVISION,
    TIMM,
    DJL,
    ALL;

    /** Returns the target that a file name's extension asks for, if any. */
    static Optional<Target> of(Path file) {
        String name = String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
        if (name.endsWith(".pth.tar")) {
            return Optional.of(TORCHVISION);
        }
        return Stream.of(ONNX, TORCHSCRIPT, SAFETENSORS, TORCHVISION)
                .filter(target -> name.endsWith(target.extension()))
                .findFirst();
    }

    /**
     * Returns what to write.
     *
     * @param asked the user's choice, or null to go by the file name
     * @param to the user's file name, or null
     * @param fallback for file names without a known extension
     * @throws IllegalArgumentException if choice and file name contradict each other
     */
    static Target choose(Target asked, Path to, Target fallback) {
        Target named = to == null ? null : of(to).orElse(null);
        if (asked == null) {
            return named == null ? fallback : named;
        }
        boolean dicts = asked.isStateDict() && named != null && named.isStateDict();
        if (named != null && named != asked && !dicts) {
            throw new IllegalArgumentException(
                    "--format is %s but the name of %s is that of %s; change one."
                            .formatted(asked, to, named));
        }
        return asked;
    }

    private boolean isStateDict() {
        return this == SAFETENSORS || this == TORCHVISION || this == TIMM;
    }

    /**
     * Refuses to write over what is read.
     *
     * @param from the weights
     * @param to what would be made or replaced
     */
    static void requireOther(Path from, Path to) throws IOException {
        Path zip = FileNames.fileAbove(from);
        Path read = zip == null ? from : zip;
        // A subnet lies in the package whose weights it uses.
        if (Files.exists(to)
                && (Files.isSameFile(read, to)
                        || read.toRealPath().startsWith(to.toRealPath().resolve("subnets")))) {
            throw new IllegalArgumentException(
                    "%s would be written over itself; give another name.".formatted(from));
        }
    }

    /** Returns the usual extension, with the dot; for directories, an empty string. */
    String extension() {
        return switch (this) {
            case ONNX, TORCHSCRIPT -> ExportFormat.valueOf(name()).extension();
            case SAFETENSORS, TORCHVISION, TIMM -> WeightsFormat.valueOf(name()).extension();
            case DJL, ALL -> "";
        };
    }

    /**
     * Writes a net.
     *
     * @param net what to write
     * @param to the file or the package to make or to replace
     * @param normalize whether a graph normalizes its input itself
     * @param trainable whether TorchScript keeps batch norm and dropout
     * @return what was written
     * @throws IOException if it cannot be written; a file that was there stays
     * @throws IllegalArgumentException if the format cannot do that
     */
    ExportReport write(NetWithWeights net, Path to, boolean normalize, boolean trainable)
            throws IOException {
        if (trainable && this != TORCHSCRIPT) {
            throw new IllegalArgumentException(
                    "--trainable is for torchscript; %s either keeps the whole net anyway or cannot."
                            .formatted(this));
        }
        if (!normalize && this != ONNX && this != TORCHSCRIPT) {
            throw new IllegalArgumentException(
                    "--no-normalize is for onnx and torchscript; a state dict never normalizes and a package's net always does.");
        }
        return switch (this) {
            case ONNX, TORCHSCRIPT ->
                    new Exporter(ExportFormat.valueOf(name()), normalize, trainable)
                            .export(net, to);
            case SAFETENSORS, TORCHVISION, TIMM ->
                    new WeightsExporter(WeightsFormat.valueOf(name())).export(net, to);
            case DJL -> BundleExporter.savePackage(net, to);
            case ALL ->
                    throw new IllegalArgumentException(
                            "all is a directory of several forms; use export --format all.");
        };
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
