package org.mobilenetv3.serve.command;

import ai.djl.util.JsonUtils;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.mobilenetv3.cli.InputSize;
import org.mobilenetv3.export.ExportReport;
import org.mobilenetv3.export.int8.Int8Report;
import org.mobilenetv3.preprocessing.Preprocessing;

/** What an export wrote, as text and as JSON. */
record ExportResult(
        String file,
        String format,
        String version,
        long bytes,
        List<String> inputs,
        List<String> outputs,
        boolean normalizes,
        Double absoluteDifference,
        Double relativeDifference,
        String note,
        Quantized quantized,
        List<String> notes) {

    /** What int8 costs and gains; accuracies in percent, null where classes are not known. */
    record Quantized(
            long floatBytes,
            int calibrationImages,
            int checkedImages,
            Double floatAccuracy,
            Double accuracy,
            double sameAnswers,
            double speed) {

        static Quantized of(Int8Report report) {
            Int8Report.Check check = report.check();
            return new Quantized(
                    report.floatBytes(),
                    report.calibrated(),
                    check.images(),
                    check.labeled() ? check.percent(check.floatRight()) : null,
                    check.labeled() ? check.percent(check.int8Right()) : null,
                    check.percent(check.same()),
                    check.speed());
        }

        void print() {
            System.out.printf(
                    "  int8    calibrated with %,d images, checked with %,d others; in float %,d bytes%n",
                    calibrationImages, checkedImages, floatBytes);
            if (accuracy != null) {
                System.out.printf("  top-1   %.2f %%, in float %.2f %%%n", accuracy, floatAccuracy);
            } else {
                System.out.println(
                        "  top-1   not known: no folder there is named after a class of the net");
            }
            System.out.printf("  same    class as in float for %.2f %%%n", sameAnswers);
            System.out.printf(
                    "  speed   %.2f times that of float here%s%n",
                    speed, speed < 1 ? ": int8 is slower for such images on this machine" : "");
        }
    }

    /**
     * Describes an export.
     *
     * @param notes what was assumed of the weights, or null
     */
    static ExportResult of(ExportReport report, List<String> notes) {
        return of(report, null, notes);
    }

    static ExportResult of(Int8Report report, List<String> notes) {
        return of(report.written(), Quantized.of(report), notes);
    }

    private static ExportResult of(ExportReport report, Quantized quantized, List<String> notes) {
        int channels = report.description().preprocessing().channels();
        int classes = report.description().classes().size();
        return new ExportResult(
                report.file().toString(),
                report.format(),
                report.version(),
                report.bytes(),
                List.of(String.format(Locale.ROOT, "input (batch, %d, height, width)", channels)),
                List.of(String.format(Locale.ROOT, "logits (batch, %d)", classes)),
                report.description().normalizes(),
                report.difference() == null ? null : report.difference().absolute(),
                report.difference() == null ? null : report.difference().relative(),
                note(report),
                quantized,
                notes);
    }

    /** Returns what a bare state dict does not carry. */
    private static String note(ExportReport report) {
        boolean bare =
                report.version().startsWith("PyTorch") && !"torchscript".equals(report.format());
        if (!bare) {
            return null;
        }
        Preprocessing input = report.description().preprocessing();
        return "a state dict carries no class names, input size (%s), mean %s, deviation %s%s"
                .formatted(
                        InputSize.text(input.fit()),
                        Arrays.toString(input.normalization().mean()),
                        Arrays.toString(input.normalization().std()),
                        report.description().architecture().stem().stride() == 1
                                ? ", nor stem stride 1: in PyTorch, net.features[0][0].stride = (1, 1)"
                                : "");
    }

    /** Prints several files, as one JSON array if asked to. */
    static void print(List<ExportResult> results, boolean json) {
        if (json) {
            System.out.println(JsonUtils.GSON_PRETTY.toJson(results));
        } else {
            results.forEach(result -> result.print(false));
        }
    }

    void print(boolean json) {
        if (json) {
            System.out.println(JsonUtils.GSON_PRETTY.toJson(this));
            return;
        }
        System.out.printf("%s  %,d bytes%n", file, bytes);
        System.out.println("  format  " + (format.equals(version) ? "" : format + ", ") + version);
        System.out.printf(
                "  input   %s, float32, %s%n",
                inputs.get(0), normalizes ? "pixels in [0, 1]" : "normalized pixels");
        System.out.printf("  output  %s%n", outputs.get(0));
        if (absoluteDifference != null) {
            System.out.printf(
                    "  checked against the original: off by at most %.2g, %.2g of the largest logit%n",
                    absoluteDifference, relativeDifference);
        }
        if (quantized != null) {
            quantized.print();
        }
        if (note != null) {
            System.out.println("  note    " + note);
        }
    }
}
