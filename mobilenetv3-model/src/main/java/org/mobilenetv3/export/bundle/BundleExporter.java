package org.mobilenetv3.export.bundle;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.mobilenetv3.Task;
import org.mobilenetv3.export.ExportFormat;
import org.mobilenetv3.export.ExportReport;
import org.mobilenetv3.export.Exporter;
import org.mobilenetv3.export.WeightsExporter;
import org.mobilenetv3.export.WeightsFormat;
import org.mobilenetv3.io.AtomicDirectory;
import org.mobilenetv3.io.Checksums;
import org.mobilenetv3.runtime.FullDistribution;
import org.mobilenetv3.trained.ModelPackage;
import org.mobilenetv3.trained.NetWithWeights;

/**
 * Writes a directory to hand on: the package, safetensors, TorchScript and ONNX, a model card and
 * checksums. It is there whole or not at all.
 *
 * @param license what the card says of the license
 * @param test what the weights reached on test images, or null if that is not known
 */
public record BundleExporter(String license, TestResult test) {

    /** What a card says where nobody said more. */
    public static final String UNSTATED =
            "Not stated: as the training images and the weights that it began from allow.";

    /** The package's directory. */
    static final String PACKAGE = "package";

    static final String CARD = "README.md";

    private static final String PACKAGE_VERSION = "model package, format " + ModelPackage.FORMAT;

    /** Refuses to say nothing. */
    public BundleExporter {
        Objects.requireNonNull(license, "license");
        if (license.isBlank()) {
            throw new IllegalArgumentException("The license is empty; name it or leave it out.");
        }
    }

    /**
     * Exports an open net, which computes operation by operation from then on.
     *
     * @param net the net
     * @param directory to make; or an earlier export, to replace
     * @return what was written, each file checked as it is alone
     * @throws IOException if something else is there, or a file cannot be written or answers
     *     otherwise; what stood there then stays
     */
    public List<ExportReport> export(NetWithWeights net, Path directory) throws IOException {
        FullDistribution.requireTorch("--format all");
        net.description().architecture().requireTask(Task.CLASSIFY, "--format all");
        AtomicDirectory.recover(directory);
        requireReplaceable(directory);
        List<ExportReport> reports =
                AtomicDirectory.make(directory, staging -> write(net, staging));
        return reports.stream().map(report -> moved(report, directory)).toList();
    }

    private List<ExportReport> write(NetWithWeights net, Path staging) throws IOException {
        String name = net.description().architecture().name();
        List<ExportReport> reports = new ArrayList<>();
        reports.add(savePackage(net, staging.resolve(PACKAGE)));
        WeightsFormat weights = WeightsFormat.SAFETENSORS;
        reports.add(
                new WeightsExporter(weights)
                        .export(net, staging.resolve(name + weights.extension())));
        for (ExportFormat format : List.of(ExportFormat.TORCHSCRIPT, ExportFormat.ONNX)) {
            reports.add(
                    new Exporter(format, true, false)
                            .export(net, staging.resolve(name + format.extension())));
        }
        String card = new ModelCard(net, reports, test, license).text();
        Files.writeString(staging.resolve(CARD), card);
        Checksums.write(staging);
        return reports;
    }

    /**
     * Saves a net as a package and reports it as other exports are.
     *
     * @param net the net
     * @param directory the package to make or to replace
     * @return what was written; packages are not compared, they hold the very numbers
     * @throws IOException if it cannot be written; what stood there before stays
     */
    public static ExportReport savePackage(NetWithWeights net, Path directory) throws IOException {
        ModelPackage saved = net.save(directory);
        long bytes;
        try (Stream<Path> files = Files.walk(directory)) {
            bytes = files.filter(Files::isRegularFile).mapToLong(f -> f.toFile().length()).sum();
        }
        return new ExportReport(
                saved.directory(), "djl", PACKAGE_VERSION, bytes, net.description(), null);
    }

    /** Earlier exports may go, but nothing that somebody changed or added. */
    private static void requireReplaceable(Path directory) throws IOException {
        if (!Files.exists(directory)) {
            return;
        }
        if (!Files.isDirectory(directory)) {
            throw new IOException(directory + " is a file; give the name of a directory.");
        }
        boolean export =
                Files.isRegularFile(directory.resolve(CARD))
                        && Files.isDirectory(directory.resolve(PACKAGE))
                        && Checksums.matches(directory);
        if (!export && !isEmpty(directory)) {
            throw new IOException(
                    "%s is there already and is no untouched export (%s does not list its files as they are); give another name or remove it."
                            .formatted(directory, Checksums.FILE));
        }
    }

    private static boolean isEmpty(Path directory) throws IOException {
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.findAny().isEmpty();
        }
    }

    private static ExportReport moved(ExportReport report, Path directory) {
        return new ExportReport(
                directory.resolve(report.file().getFileName()),
                report.format(),
                report.version(),
                report.bytes(),
                report.description(),
                report.difference());
    }
}
