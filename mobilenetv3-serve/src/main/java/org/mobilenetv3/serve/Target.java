package org.mobilenetv3.serve;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.mobilenetv3.export.BundleExporter;
import org.mobilenetv3.export.ExportFormat;
import org.mobilenetv3.export.ExportReport;
import org.mobilenetv3.export.Exporter;
import org.mobilenetv3.export.PackageNet;
import org.mobilenetv3.export.WeightsExporter;
import org.mobilenetv3.export.WeightsFormat;

/** What trained weights are written as. */
enum Target {
    ONNX,
    TORCHSCRIPT,
    SAFETENSORS,
    TORCHVISION,
    TIMM,
    DJL,
    ALL;

    /** The usual target of a name: by its end, a package if it has none of theirs. */
    static Target of(Path file) {
        String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
        for (Target target : List.of(ONNX, TORCHSCRIPT, SAFETENSORS, TORCHVISION)) {
            if (name.endsWith(target.extension())) {
                return target;
            }
        }
        return DJL;
    }

    /** The usual end of a file's name, with the dot; of directories, none. */
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
     * @param normalize whether a graph normalises its input itself
     * @param trainable whether TorchScript keeps batch norm and dropout
     * @return what was written
     * @throws IOException in one sentence, if it cannot be; what stood there then stays
     * @throws IllegalArgumentException if the format cannot do that
     */
    ExportReport write(PackageNet net, Path to, boolean normalize, boolean trainable)
            throws IOException {
        if (trainable && this != TORCHSCRIPT) {
            throw new IllegalArgumentException(
                    "--trainable is for torchscript; %s keeps all of the net anyway or cannot."
                            .formatted(this));
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
