package org.mobilenetv3.serve.command;

import ai.djl.util.JsonUtils;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.mobilenetv3.Architecture;
import org.mobilenetv3.Task;
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
        return new ExportResult(
                report.file().toString(),
                report.format(),
                report.version(),
                report.bytes(),
                List.of(input(report, "batch")),
                outputs(report),
                report.description().normalizes(),
                report.difference() == null ? null : report.difference().absolute(),
                report.difference() == null ? null : report.difference().relative(),
                note(report),
                quantized,
                notes);
    }

    /** A file that finds the objects itself takes one image, and says what it has found. */
    ExportResult withObjects(ExportReport report) {
        List<String> all =
                new ArrayList<>(outputs.stream().map(o -> o.replace("batch", "1")).toList());
        all.add("detection_boxes (objects, 4)");
        all.add("detection_scores (objects)");
        all.add("detection_labels (objects)");
        return new ExportResult(
                file,
                format,
                version,
                bytes,
                List.of(input(report, "1")),
                all,
                normalizes,
                absoluteDifference,
                relativeDifference,
                note,
                quantized,
                notes);
    }

    private static String input(ExportReport report, String batch) {
        Preprocessing input = report.description().preprocessing();
        return isDetectors(report)
                ? String.format(
                        Locale.ROOT,
                        "input (%s, %d, %d, %d)",
                        batch,
                        input.channels(),
                        input.height(),
                        input.width())
                : String.format(
                        Locale.ROOT, "input (%s, %d, height, width)", batch, input.channels());
    }

    /** Whether the file is a graph with the anchors of one image size. */
    private static boolean isDetectors(ExportReport report) {
        return report.description().architecture().task() == Task.DETECT
                && report.format().matches("onnx|torchscript");
    }

    private static List<String> outputs(ExportReport report) {
        Architecture net = report.description().architecture();
        Preprocessing input = report.description().preprocessing();
        switch (net.task()) {
            case CLASSIFY -> {
                return List.of(String.format(Locale.ROOT, "logits (batch, %d)", net.classes()));
            }
            case SEGMENT -> {
                return List.of(
                        String.format(
                                Locale.ROOT, "logits (batch, %d, height, width)", net.classes()));
            }
            default -> {
                int anchors = net.anchors(input.height(), input.width()).count();
                int logits = net.classes() + 1;
                return isDetectors(report)
                        ? List.of(
                                String.format(Locale.ROOT, "boxes (batch, %d, 4)", anchors),
                                String.format(
                                        Locale.ROOT, "scores (batch, %d, %d)", anchors, logits))
                        : List.of(
                                String.format(
                                        Locale.ROOT,
                                        "codes and logits (batch, anchors, 4 + %d)",
                                        logits));
            }
        }
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
        System.out.printf("  output  %s%n", String.join(", ", outputs));
        if (absoluteDifference != null) {
            System.out.printf(
                    "  checked against the original: off by at most %.2g, %.2g of the largest %s%n",
                    absoluteDifference,
                    relativeDifference,
                    outputs.get(0).startsWith("logits") ? "logit" : "value");
        }
        if (quantized != null) {
            quantized.print();
        }
        if (note != null) {
            System.out.println("  note    " + note);
        }
    }
}
