package org.mobilenetv3.serve;

import ai.djl.util.JsonUtils;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.mobilenetv3.export.ExportFormat;
import org.mobilenetv3.export.ExportReport;
import org.mobilenetv3.export.Exporter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Exports a trained package to one file for another runtime, and checks it. */
@Command(
        name = "export",
        description = "Write a trained package as one file for other runtimes, and check it.",
        footer = {
            "%nExamples:",
            "  mobilenetv3 export --model-path runs/shapes-paper-small/best --out shapes.onnx",
            "  mobilenetv3 export --model-path runs/shapes-paper-small/best --format torchscript"
        })
final class ExportCommand implements Callable<Integer> {

    @Option(
            names = {"--model-path", "--weights"},
            paramLabel = "PACKAGE",
            required = true,
            description = "A package directory, or a zip of one.")
    private Path modelPath;

    @Option(
            names = "--format",
            paramLabel = "FORMAT",
            description = "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).",
            defaultValue = "onnx")
    private ExportFormat format;

    @Option(
            names = "--out",
            paramLabel = "FILE",
            description = "The file to write (default: beside the package).")
    private Path out;

    @Option(
            names = "--no-normalize",
            description =
                    "Leave the normalisation of the input out; callers then feed normalised images.")
    private boolean noNormalize;

    @Option(
            names = "--trainable",
            description =
                    "Keep batch norm and dropout, so that PyTorch can train the file (torchscript).")
    private boolean trainable;

    @Option(names = "--json", description = "Print the result as JSON on standard output.")
    private boolean json;

    @Override
    public Integer call() throws IOException {
        Path target = out != null ? out : beside(modelPath);
        Result result =
                Result.of(new Exporter(format, !noNormalize, trainable).export(modelPath, target));
        if (json) {
            System.out.println(JsonUtils.GSON_PRETTY.toJson(result));
        } else {
            result.print();
        }
        return 0;
    }

    private Path beside(Path modelPackage) {
        Path absolute = modelPackage.toAbsolutePath().normalize();
        String name = absolute.getFileName().toString().replaceFirst("\\.zip$", "");
        return absolute.resolveSibling(name + format.extension());
    }

    /** The result for machines. */
    private record Result(
            String file,
            String format,
            String version,
            long bytes,
            List<String> inputs,
            List<String> outputs,
            boolean normalizes,
            double absoluteDifference,
            double relativeDifference) {

        static Result of(ExportReport report) {
            int channels = report.description().preprocessing().channels();
            int classes = report.description().classes().size();
            return new Result(
                    report.file().toString(),
                    report.format().toString(),
                    report.format().version(),
                    report.bytes(),
                    List.of("input (batch, %d, height, width)".formatted(channels)),
                    List.of("logits (batch, %d)".formatted(classes)),
                    report.description().normalizes(),
                    report.difference().absolute(),
                    report.difference().relative());
        }

        void print() {
            System.out.printf("%s  %,d bytes%n", file, bytes);
            System.out.printf("  format  %s, %s%n", format, version);
            System.out.printf(
                    "  input   %s, float32, %s%n",
                    inputs.get(0), normalizes ? "pixels in [0, 1]" : "normalised pixels");
            System.out.printf("  output  %s%n", outputs.get(0));
            System.out.printf(
                    "  checked against the package: off by at most %.2g, %.2g of the largest logit%n",
                    absoluteDifference, relativeDifference);
        }
    }
}
