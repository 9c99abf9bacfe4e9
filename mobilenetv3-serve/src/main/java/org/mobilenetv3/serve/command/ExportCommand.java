package org.mobilenetv3.serve.command;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.mobilenetv3.cli.ArchOption;
import org.mobilenetv3.cli.WeightNotes;
import org.mobilenetv3.cli.WeightsOption;
import org.mobilenetv3.detection.PostProcessing;
import org.mobilenetv3.export.ExportFormat;
import org.mobilenetv3.export.ExportReport;
import org.mobilenetv3.export.Exporter;
import org.mobilenetv3.export.bundle.BundleExporter;
import org.mobilenetv3.export.bundle.TestResult;
import org.mobilenetv3.pretrained.WeightsLocator;
import org.mobilenetv3.trained.ElasticPackage;
import org.mobilenetv3.trained.NetWithWeights;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Exports trained weights for another runtime or program, and checks the files. */
@Command(
        name = "export",
        description = "Write trained weights for other runtimes and programs, and check them.",
        footer = {
            "%nExamples:",
            "  mobilenetv3 export --weights runs/shapes-mobilenet_v3_small/best --out shapes.onnx",
            "  mobilenetv3 export --weights runs/shapes-mobilenet_v3_small/best --format torchscript",
            "  mobilenetv3 export --weights runs/shapes-mobilenet_v3_small/best --format torchvision",
            "  mobilenetv3 export --weights ssdlite --nms --out ssdlite.onnx",
            "  mobilenetv3 export --weights runs/photos-mobilenet_v3_small/best --quantize int8 --calibration photos",
            "  mobilenetv3 export --weights runs/shapes-mobilenet_v3_small/best --format all --out shapes"
        })
final class ExportCommand implements Callable<Integer> {

    @Mixin private WeightsOption weights;

    @Option(
            names = "--format",
            paramLabel = "FORMAT",
            description =
                    "${COMPLETION-CANDIDATES} (default: by the name of --out, otherwise onnx); torchvision and timm are state dicts under their names, djl is a package, all a directory of everything with a model card and checksums.")
    private Target asked;

    @Option(
            names = "--out",
            paramLabel = "FILE",
            description =
                    "The file (djl, all: the directory) to write (default: beside the weights, or here if they were fetched); a state dict whose name ends in .safetensors is one, others are PyTorch's.")
    private Path out;

    @Option(
            names = "--no-normalize",
            description =
                    "Leave the normalization of the input out; callers then feed normalized images.")
    private boolean noNormalize;

    @Option(
            names = "--trainable",
            description =
                    "Keep batch norm and dropout, so that PyTorch can train the file (torchscript).")
    private boolean trainable;

    @Option(
            names = "--nms",
            description =
                    "Let the file of a net that detects find the objects itself, with"
                            + " NonMaxSuppression: outputs detection_boxes, detection_scores and"
                            + " detection_labels beside boxes and scores, one image at a time"
                            + " (onnx).")
    private boolean nms;

    @Option(
            names = "--license",
            paramLabel = "TEXT",
            description = "The license that the model card states (all; default: not stated).")
    private String license;

    @Mixin private QuantizeOptions quantize;
    @Mixin private ArchOption arch = new ArchOption();

    @Option(names = "--json", description = "Print the result as JSON on standard output.")
    private boolean json;

    private Target format;

    @Override
    public Integer call() throws IOException {
        format = Target.choose(asked, out, Target.ONNX);
        if (license != null && format != Target.ALL) {
            throw new IllegalArgumentException(
                    "--license is for the model card of --format all; %s has none."
                            .formatted(format));
        }
        quantize.require(format);
        if (quantize.given() && trainable) {
            throw new IllegalArgumentException("--trainable is for torchscript, not for int8.");
        }
        if (nms && (format != Target.ONNX || quantize.given())) {
            throw new IllegalArgumentException("--nms is for onnx files that are not quantized.");
        }
        Path from = weights.locate();
        Path target = out != null ? out : beside(from);
        Target.requireOther(from, target);
        if (out == null && Files.isRegularFile(from) && Files.exists(target)) {
            throw new IllegalArgumentException(
                    target + " is there already; give --out if it is to be replaced.");
        }
        try (NetWithWeights net = NetWithWeights.open(from, arch.read())) {
            List<String> notes = WeightNotes.tell(net);
            if (format == Target.ALL) {
                ExportResult.print(all(net, from, target, notes), json);
            } else if (quantize.given()) {
                ExportResult.of(quantize.write(net, target, !noNormalize), notes).print(json);
            } else if (nms) {
                Exporter exporter =
                        new Exporter(
                                ExportFormat.ONNX, !noNormalize, trainable, PostProcessing.SSDLITE);
                ExportReport report = exporter.export(net, target);
                ExportResult.of(report, notes).withObjects(report).print(json);
            } else {
                ExportResult.of(format.write(net, target, !noNormalize, trainable), notes)
                        .print(json);
            }
        }
        return 0;
    }

    private List<ExportResult> all(
            NetWithWeights net, Path from, Path directory, List<String> notes) throws IOException {
        if (noNormalize || trainable) {
            throw new IllegalArgumentException(
                    "--format all writes each file as its format's default; export the one for %s alone."
                            .formatted(trainable ? "--trainable" : "--no-normalize"));
        }
        TestResult test = TestResult.beside(from, net.description().provenance()).orElse(null);
        String terms = license == null ? BundleExporter.UNSTATED : license;
        return new BundleExporter(terms, test)
                .export(net, directory).stream()
                        .map(report -> ExportResult.of(report, notes))
                        .toList();
    }

    /** Beside the weights; those that were fetched lie in the cache, so here. */
    private Path beside(Path from) {
        String end =
                (quantize.given() ? "-int8" : "")
                        + switch (format) {
                            case DJL -> "-djl";
                            case ALL -> "-export";
                            default -> format.extension();
                        };
        String label = WeightsLocator.label(weights.text());
        if (!WeightsLocator.isPath(weights.text())) {
            return Path.of(label + end);
        }
        Path beside = from.toAbsolutePath().normalize();
        if (ElasticPackage.isSubnet(from)) { // beside the package that it lies in
            String subnet = beside.getFileName().toString();
            beside = beside.getParent().getParent();
            label = WeightsLocator.label(beside.toString()) + "-" + subnet;
        }
        return beside.resolveSibling(label + end);
    }
}
