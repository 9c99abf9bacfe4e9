package org.mobilenetv3.serve.command;

import java.io.IOException;
import java.nio.file.Path;
import org.mobilenetv3.export.int8.CalibrationImages;
import org.mobilenetv3.export.int8.Int8Exporter;
import org.mobilenetv3.export.int8.Int8Report;
import org.mobilenetv3.runtime.FullDistribution;
import org.mobilenetv3.trained.NetWithWeights;
import picocli.CommandLine.Option;

/** The options for exports in 8-bit integers. */
final class QuantizeOptions {

    /** The numbers a net computes with. */
    enum Numbers {
        INT8;

        @Override
        public String toString() {
            return "int8";
        }
    }

    private static final double DEFAULT_DROP = 1;

    @Option(
            names = "--quantize",
            paramLabel = "NUMBERS",
            description =
                    "${COMPLETION-CANDIDATES}: weights and most operations in 8-bit integers (onnx); needs --calibration.")
    private Numbers numbers;

    @Option(
            names = "--calibration",
            paramLabel = "DIR",
            description =
                    "Images to calibrate --quantize with and others to check it with: folders named after the classes, with or without train and test or val above them; without such folders, answers are compared with the float net's.")
    private Path calibration;

    @Option(
            names = "--max-drop",
            paramLabel = "POINTS",
            description =
                    "Refuse if --quantize costs more accuracy, or changes more of the answers, in percentage points (default: 1).")
    private Double maxDrop;

    boolean given() {
        return numbers != null;
    }

    /**
     * Refuses options that do not go together.
     *
     * @param format what is written
     */
    void require(Target format) {
        if (!given() && (calibration != null || maxDrop != null)) {
            throw new IllegalArgumentException(
                    "%s goes with --quantize int8; add it."
                            .formatted(calibration != null ? "--calibration" : "--max-drop"));
        }
        if (given()) {
            FullDistribution.requireOnnxRuntime("--quantize int8");
        }
        if (given() && format != Target.ONNX) {
            throw new IllegalArgumentException(
                    "--quantize is for onnx; %s is written in float only.".formatted(format));
        }
        if (given() && calibration == null) {
            throw new IllegalArgumentException(
                    "--quantize needs --calibration DIR, a folder of images.");
        }
    }

    Int8Report write(NetWithWeights net, Path target, boolean normalize) throws IOException {
        Int8Exporter exporter =
                new Int8Exporter(normalize, maxDrop == null ? DEFAULT_DROP : maxDrop);
        CalibrationImages images = CalibrationImages.in(calibration, net.description().classes());
        return exporter.export(net, images, target);
    }
}
