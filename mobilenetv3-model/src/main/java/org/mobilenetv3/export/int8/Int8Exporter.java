package org.mobilenetv3.export.int8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.mobilenetv3.Task;
import org.mobilenetv3.export.ExportFormat;
import org.mobilenetv3.export.ExportReport;
import org.mobilenetv3.export.Exporter;
import org.mobilenetv3.export.OnnxLowering;
import org.mobilenetv3.export.int8.CalibrationImages.Image;
import org.mobilenetv3.export.int8.Int8Report.Check;
import org.mobilenetv3.format.onnx.OnnxModel;
import org.mobilenetv3.io.WholeFile;
import org.mobilenetv3.trained.NetDescription;
import org.mobilenetv3.trained.NetWithWeights;
import org.mobilenetv3.trained.OnnxNet;
import org.mobilenetv3.trained.TrainedNet;

/**
 * Exports a net to ONNX with weights and most operations in 8-bit integers. The float export is
 * made first and compared with the package as {@link Exporter} does; the int8 net is then compared
 * with it on images that it was not calibrated with, and only takes its place if little is lost.
 *
 * @param normalize whether the exported net normalizes its input itself
 * @param maxDrop the loss that is allowed, in percentage points ({@link Check#drop}), above 0
 */
public record Int8Exporter(boolean normalize, double maxDrop) {

    private static final int BATCH = 16;

    /** What the metadata say of the file. */
    static final String QUANTIZATION = "quantization";

    /** Refuses a bound that no check could keep. */
    public Int8Exporter {
        if (!(maxDrop > 0 && maxDrop <= 100)) {
            throw new IllegalArgumentException(
                    "The largest drop is %s points, expected more than 0 and at most 100."
                            .formatted(maxDrop));
        }
    }

    /**
     * Exports an open net, which computes operation by operation from then on.
     *
     * @param net the net
     * @param images to calibrate and to check with
     * @param target the file to make or to replace
     * @return what was written and what it costs
     * @throws IOException if an image cannot be read, there are too few for the bound, the file
     *     cannot be written or more is lost than is allowed; what stood at the target then stays
     */
    public Int8Report export(NetWithWeights net, CalibrationImages images, Path target)
            throws IOException {
        net.description().architecture().requireTask(Task.CLASSIFY, "--quantize int8");
        requireEnough(images);
        if (Files.isDirectory(target)) {
            throw new IllegalArgumentException(
                    "%s is a directory; give the name of a file.".formatted(target));
        }
        Path scratch = Files.createTempDirectory("mobilenetv3-int8");
        Path floats = scratch.resolve("float.onnx");
        try {
            return export(net, images, target, floats);
        } finally {
            Files.deleteIfExists(floats);
            Files.delete(scratch);
        }
    }

    private Int8Report export(
            NetWithWeights net, CalibrationImages images, Path target, Path floats)
            throws IOException {
        Exporter exporter = new Exporter(ExportFormat.ONNX, normalize, false);
        ExportReport before = exporter.export(net, floats);
        OnnxModel model = OnnxLowering.lower(exporter.graph(net));
        NetDescription description = before.description();
        int threads = Runtime.getRuntime().availableProcessors();
        OnnxModel quantized = quantize(model, description, images.calibration(), threads);
        Map<String, String> metadata = new LinkedHashMap<>(description.toMetadata());
        metadata.put(
                QUANTIZATION,
                String.format(
                        Locale.ROOT,
                        "{\"weights\":\"int8\",\"activations\":\"uint8\",\"calibrationImages\":%d}",
                        images.calibration().size()));
        byte[] content = quantized.withMetadata(metadata).write(List.of());
        Check check =
                WholeFile.make(
                        target,
                        beside -> {
                            Files.write(beside, content);
                            try (TrainedNet reference = OnnxNet.open(floats, threads);
                                    TrainedNet written = OnnxNet.open(beside, threads)) {
                                Check both = check(reference, written, images);
                                requireSmallDrop(both, target);
                                return both;
                            }
                        });
        ExportReport report =
                new ExportReport(
                        target,
                        before.format(),
                        before.version() + ", int8",
                        content.length,
                        description,
                        null);
        return new Int8Report(report, before.bytes(), images.calibration().size(), check);
    }

    /** One image more or less must matter less than the bound. */
    private void requireEnough(CalibrationImages images) throws IOException {
        int needed = (int) Math.ceil(100 / maxDrop);
        if (images.check().size() < needed) {
            throw new IOException(
                    String.format(
                            Locale.ROOT,
                            "%d images are left to check with, too few to tell a drop of %s points; give at least %d beside those to calibrate with.",
                            images.check().size(),
                            maxDrop,
                            needed));
        }
    }

    private static OnnxModel quantize(
            OnnxModel model, NetDescription description, List<Image> images, int threads)
            throws IOException {
        try (Calibration calibration = new Calibration(model, threads)) {
            ImageBatches.forEach(images, description, BATCH, calibration::see);
            return OnnxQuantizer.quantize(model, calibration.ranges());
        }
    }

    private void requireSmallDrop(Check check, Path target) throws IOException {
        if (check.drop() <= maxDrop) {
            return;
        }
        String seen =
                check.labeled()
                        ? String.format(
                                Locale.ROOT,
                                "is right on %.2f %% of %,d images and the float net on %.2f %%",
                                check.percent(check.int8Right()),
                                check.images(),
                                check.percent(check.floatRight()))
                        : String.format(
                                Locale.ROOT,
                                "answers another class than the float net for %.2f %% of %,d images",
                                check.percent(check.images() - check.same()),
                                check.images());
        throw new IOException(
                "The int8 net %s, where %s points are allowed, so %s was not written; calibrate with images of the kind that the net was trained on, or allow more."
                        .formatted(seen, maxDrop, target));
    }

    private static Check check(TrainedNet floats, TrainedNet int8, CalibrationImages images)
            throws IOException {
        Int8Comparison comparison = new Int8Comparison(floats, int8);
        ImageBatches.forEach(images.check(), floats.description(), BATCH, comparison::see);
        return comparison.result(images.labeled());
    }
}
