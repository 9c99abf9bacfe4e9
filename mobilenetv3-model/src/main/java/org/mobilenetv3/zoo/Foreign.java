package org.mobilenetv3.zoo;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import org.mobilenetv3.Dialect;
import org.mobilenetv3.MobileNetV3.Variant;
import org.mobilenetv3.MobileNetV3Config;
import org.mobilenetv3.image.Normalization;
import org.mobilenetv3.weights.NetWeights;

/**
 * Describes a file of weights as if it were a package: what the file says, what lies beside it or
 * its name tell, or else what is customary for such a net. What is assumed becomes a note.
 */
final class Foreign {

    /** The notes' key in the provenance. */
    static final String NOTES = "weightsNotes";

    private static final int IMAGENET = 1000;
    private static final int SIDE = 224;

    /** torchvision's published weights, by the checksum in their names, and what they resize to. */
    private static final Map<String, Integer> PUBLISHED =
            Map.of("8738ca79", 256, "047dcff4", 256, "5c1a4163", 232);

    private final NetWeights weights;
    private final MobileNetV3Config config;
    private final Path file;
    private final List<String> notes;
    private List<String> classes;
    private Preprocessing input;

    private Foreign(NetWeights weights) throws IOException {
        this.weights = weights;
        config = weights.config();
        file = weights.file();
        notes = new ArrayList<>(weights.notes());
        classes = classes(config);
        input = customary(weights);
    }

    static ModelPackage describe(NetWeights weights) throws IOException {
        int channels = weights.config().inputChannels();
        if (channels != 1 && channels != 3) {
            throw new IOException(
                    String.format(
                            Locale.ROOT,
                            "%s is of a net with %d input channels, but images have 1 or 3.",
                            weights.file(),
                            channels));
        }
        return new Foreign(weights).describe();
    }

    private ModelPackage describe() throws IOException {
        Map<String, Object> provenance = new LinkedHashMap<>();
        if (ExportedDescription.isIn(weights.metadata())) {
            provenance.putAll(ofOurs().provenance());
        } else if (config.dialect() == Dialect.TIMM && isStateDict()) {
            ofTimm();
        } else {
            ofOthers();
        }
        provenance.put("weights", file.getFileName().toString());
        provenance.put("weightsFormat", weights.format());
        if (!notes.isEmpty()) {
            provenance.put(NOTES, notes);
        }
        return new ModelPackage(file, ModelDescription.of(config, input, provenance), classes);
    }

    private boolean isStateDict() {
        return !weights.format().equals("ONNX");
    }

    private ExportedDescription ofOurs() throws IOException {
        ExportedDescription own = ExportedDescription.fromMetadata(file, weights.metadata());
        classes = own.classes();
        input = own.preprocessing();
        if (classes.size() != config.classes() || input.channels() != config.inputChannels()) {
            throw new IOException(
                    String.format(
                            Locale.ROOT,
                            "%s has damaged metadata: %d classes and %d channels for a net of %d and %d.",
                            file,
                            classes.size(),
                            input.channels(),
                            config.classes(),
                            config.inputChannels()));
        }
        return own;
    }

    /** timm's nets are more than their names and shapes; its config tells the rest. */
    private void ofTimm() throws IOException {
        TimmConfig timm = TimmConfig.beside(file).orElse(null);
        String name = timm == null ? name() : timm.architecture();
        if (timm == null ? name.contains("tf_mobilenetv3") : name.startsWith("tf_")) {
            throw new IOException(
                    "%s is of timm's %s, which pads as TensorFlow does; this net does not, so the weights would give other answers."
                            .formatted(file, name));
        }
        if (timm == null) {
            assumeTimms(name);
            return;
        }
        if (timm.input().channels() != input.channels()) {
            throw new IOException(
                    String.format(
                            Locale.ROOT,
                            "%s is of a net with %d input channels, but the config.json beside it normalises %d; it belongs to other weights.",
                            file,
                            input.channels(),
                            timm.input().channels()));
        }
        input = timm.input();
        notes.addAll(timm.notes());
        if (!timm.classes().isEmpty()) {
            if (timm.classes().size() != config.classes()) {
                throw new IOException(
                        String.format(
                                Locale.ROOT,
                                "%s is of a net with %d classes, but the config.json beside it names %d; it belongs to other weights.",
                                file,
                                config.classes(),
                                timm.classes().size()));
            }
            classes = timm.classes();
        }
    }

    /** Without its config, the name alone tells. */
    private void assumeTimms(String name) {
        boolean miil = name.contains("miil");
        if (miil) {
            input = new Preprocessing(input.fit(), Normalization.unit(input.channels()));
        }
        notes.add(
                "The names are timm's, which tell neither input size nor normalisation nor padding: %s, %s and PyTorch's padding are assumed unless options say otherwise; timm's tf_ nets have the same names and would be answered wrongly, so put timm's config.json beside the file to be sure."
                        .formatted(
                                input.fit().describe(),
                                miil
                                        ? "pixels that are not normalised, as of timm's miil nets,"
                                        : "ImageNet's normalisation"));
    }

    private void ofOthers() {
        String published =
                PUBLISHED.keySet().stream().filter(name()::contains).findFirst().orElse(null);
        boolean torchvision =
                config.variant() == Variant.PAPER && config.dialect() == Dialect.TORCHVISION;
        if (published != null && torchvision && isStateDict()) {
            input = new Preprocessing(SIDE, PUBLISHED.get(published), input.normalization());
            return;
        }
        String size = input.fit().describe();
        if (weights.normalization().isPresent()) {
            notes.add(
                    "The file does not tell the input size: %s is assumed unless an option says otherwise."
                            .formatted(size));
        } else if (torchvision && isStateDict()) {
            notes.add(
                    "The names are torchvision's, which tell neither input size nor normalisation nor dilation: %s, %s and a net without dilation are assumed unless options say otherwise; one made with dilated=True has the same names and would be answered wrongly."
                            .formatted(size, normalization()));
        } else {
            notes.add(
                    "The file tells neither input size nor normalisation: %s and %s are assumed unless options say otherwise."
                            .formatted(size, normalization()));
        }
    }

    private String normalization() {
        return input.normalization().equals(Normalization.IMAGENET)
                ? "ImageNet's normalisation"
                : "mean %s and deviation %s"
                        .formatted(input.normalization().mean()[0], input.normalization().std()[0]);
    }

    private String name() {
        return file.getFileName().toString().toLowerCase(Locale.ROOT);
    }

    private static Preprocessing customary(NetWeights weights) {
        int channels = weights.config().inputChannels();
        boolean text = weights.config().dialect() == Dialect.PADDLE_OCR;
        Normalization customary =
                text
                        ? Normalization.uniform(channels, 0.5f, 0.5f)
                        : channels == 3
                                ? Normalization.IMAGENET
                                : Normalization.uniform(channels, 0.449f, 0.226f);
        return new Preprocessing(
                text ? new Fit.PadRight(48, 192) : Fit.CenterCrop.photograph(SIDE),
                weights.normalization().orElse(customary));
    }

    /** What an upright and a turned line of text are called in PP-OCR. */
    private static List<String> classes(MobileNetV3Config config) throws IOException {
        return config.dialect() == Dialect.PADDLE_OCR && config.classes() == 2
                ? List.of("0", "180")
                : classes(config.classes());
    }

    /** ImageNet's names if there are as many classes, otherwise numbers. */
    private static List<String> classes(int count) throws IOException {
        if (count != IMAGENET) {
            return IntStream.range(0, count).mapToObj(i -> "class_" + i).toList();
        }
        try (BufferedReader names =
                new BufferedReader(
                        new InputStreamReader(
                                Foreign.class.getResourceAsStream("imagenet-classes.txt"),
                                StandardCharsets.UTF_8))) {
            return names.lines().toList();
        }
    }
}
