package org.mobilenetv3.serve;

import ai.djl.util.JsonUtils;
import java.util.List;
import org.mobilenetv3.export.ExportReport;

/** What an export made, for people and for machines. */
record ExportResult(
        String file,
        String format,
        String version,
        long bytes,
        List<String> inputs,
        List<String> outputs,
        boolean normalizes,
        Double absoluteDifference,
        Double relativeDifference) {

    static ExportResult of(ExportReport report) {
        int channels = report.description().preprocessing().channels();
        int classes = report.description().classes().size();
        return new ExportResult(
                report.file().toString(),
                report.format(),
                report.version(),
                report.bytes(),
                List.of("input (batch, %d, height, width)".formatted(channels)),
                List.of("logits (batch, %d)".formatted(classes)),
                report.description().normalizes(),
                report.difference() == null ? null : report.difference().absolute(),
                report.difference() == null ? null : report.difference().relative());
    }

    /** Several files, as one JSON array for machines. */
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
        System.out.printf("  format  %s, %s%n", format, version);
        System.out.printf(
                "  input   %s, float32, %s%n",
                inputs.get(0), normalizes ? "pixels in [0, 1]" : "normalised pixels");
        System.out.printf("  output  %s%n", outputs.get(0));
        if (absoluteDifference != null) {
            System.out.printf(
                    "  checked against the original: off by at most %.2g, %.2g of the largest logit%n",
                    absoluteDifference, relativeDifference);
        }
    }
}
