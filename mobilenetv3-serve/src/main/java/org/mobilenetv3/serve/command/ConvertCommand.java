package org.mobilenetv3.serve.command;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.mobilenetv3.cli.WeightNotes;
import org.mobilenetv3.cli.WeightsOption;
import org.mobilenetv3.trained.NetWithWeights;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Converts trained weights between programs. */
@Command(
        name = "convert",
        customSynopsis = "mobilenetv3 convert FROM TO [OPTIONS]",
        description =
                "Convert trained weights (a package, PyTorch's .pth, safetensors, Paddle's .pdparams, ONNX; of torchvision,"
                        + " timm, the article or this project) to another form, and check it.",
        footer = {
            "%nExamples:",
            "  mobilenetv3 convert large my-large                                 # a package",
            "  mobilenetv3 convert mobilenetv3_large_100.safetensors large.pth    # timm's as torchvision's",
            "  mobilenetv3 convert runs/fashion-mnist-mobilenet_v3_small/best net.pth --format timm"
        })
final class ConvertCommand implements Callable<Integer> {

    @Parameters(
            arity = "1",
            index = "0",
            paramLabel = "FROM",
            completionCandidates = WeightsOption.Names.class,
            description =
                    "The weights to read; their content tells what they are. "
                            + WeightsOption.DESCRIPTION)
    private String first;

    @Parameters(
            arity = "0..1",
            hideParamSyntax = true,
            index = "1",
            paramLabel = "TO",
            description =
                    "What to write: .safetensors, .pth (torchvision's names), .onnx, .pt"
                            + " (TorchScript); any other name is a package.")
    private String second;

    @Option(
            names = "--weights",
            paramLabel = "FROM",
            description = "The same as FROM; TO is then the only argument.")
    private String weights;

    @Mixin private WeightsOption.SubnetOption subnet;

    @Option(
            names = "--format",
            paramLabel = "FORMAT",
            description = "${COMPLETION-CANDIDATES} (default: by the name of TO).")
    private Target format;

    @Mixin private Assumptions assumptions;

    @Option(names = "--json", description = "Print the result as JSON on standard output.")
    private boolean json;

    @Spec private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        if ((weights == null) == (second == null)) {
            throw new ParameterException(
                    spec.commandLine(),
                    weights == null
                            ? "Missing required parameter: 'TO'"
                            : "FROM is given twice, by --weights and as an argument.");
        }
        Path to = Path.of(weights == null ? second : first);
        Target target = Target.choose(format, to, Target.DJL);
        Path from = subnet.within(WeightsOption.locate(weights == null ? first : weights));
        Target.requireOther(from, to);
        try (NetWithWeights net = assumptions.open(from)) {
            List<String> notes = WeightNotes.tell(net);
            ExportResult.of(target.write(net, to, true, false), notes).print(json);
        }
        return 0;
    }
}
