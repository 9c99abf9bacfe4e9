package org.mobilenetv3.serve;

import ai.djl.Device;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.mobilenetv3.export.PackageNet;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Exports trained weights for another runtime or program, and checks what it wrote. */
@Command(
        name = "export",
        description = "Write trained weights for other runtimes and programs, and check them.",
        footer = {
            "%nExamples:",
            "  mobilenetv3 export --model-path runs/shapes-paper-small/best --out shapes.onnx",
            "  mobilenetv3 export --model-path runs/shapes-paper-small/best --format torchscript",
            "  mobilenetv3 export --model-path runs/shapes-paper-small/best --format torchvision"
        })
final class ExportCommand implements Callable<Integer> {

    @Option(
            names = {"--model-path", "--weights"},
            paramLabel = "WEIGHTS",
            required = true,
            description = "A package, a zip of one, or a file of torchvision, timm, ONNX ...")
    private Path modelPath;

    @Option(
            names = "--format",
            paramLabel = "FORMAT",
            description =
                    "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}); torchvision and timm are state dicts under their names, djl is a package.",
            defaultValue = "onnx")
    private Target format;

    @Option(
            names = "--out",
            paramLabel = "FILE",
            description =
                    "The file to write (default: beside the package); a state dict whose name ends in .safetensors is one, others are PyTorch's.")
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
        try (PackageNet net = PackageNet.open(modelPath, Device.cpu())) {
            ExportResult.of(format.write(net, target, !noNormalize, trainable)).print(json);
        }
        return 0;
    }

    private Path beside(Path modelPackage) {
        Path absolute = modelPackage.toAbsolutePath().normalize();
        String name = absolute.getFileName().toString().replaceFirst("\\.zip$", "");
        String end = format == Target.DJL ? "-djl" : format.extension();
        return absolute.resolveSibling(
                name.replaceFirst("\\.(pth|pt|safetensors|onnx)$", "") + end);
    }
}
