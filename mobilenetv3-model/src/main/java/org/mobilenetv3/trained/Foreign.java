package org.mobilenetv3.trained;

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
import org.mobilenetv3.Architecture;
import org.mobilenetv3.Task;
import org.mobilenetv3.image.Interpolation;
import org.mobilenetv3.image.Normalization;
import org.mobilenetv3.preprocessing.Fit;
import org.mobilenetv3.preprocessing.Preprocessing;
import org.mobilenetv3.pretrained.Pretrained;
import org.mobilenetv3.weights.NetWeights;
import org.mobilenetv3.weights.onnx.OnnxReader;

/**
 * Describes a file of weights as if it were a package: what the file says, what lies beside it or
 * its name tell, or else what is customary for such a net. What is assumed becomes a note.
 */
final class Foreign {

    static final int IMAGENET = 1000;
    private static final int PASCAL_VOC = 21;
    private static final int COCO = 90;
    private static final int DETECTOR_SIDE = 320;
    private static final int SIDE = 224;

    private final NetWeights weights;
    private final Architecture net;
    private final Path file;

    /** Whether the user named the family. */
    private final boolean told;

    /** What was published as this very file; null if that is not known. */
    private final Pretrained known;

    private final List<String> notes;
    private List<String> classes;
    private Preprocessing input;

    private Foreign(NetWeights weights, boolean told, Pretrained known) throws IOException {
        this.weights = weights;
        this.told = told;
        this.known = known;
        net = weights.architecture();
        file = weights.file();
        notes = new ArrayList<>(weights.notes());
        classes = classes(net);
        input = customary(weights);
    }

    static NetDescription describe(NetWeights weights, boolean told, Pretrained known)
            throws IOException {
        int channels = weights.architecture().inputChannels();
        if (channels != 1 && channels != 3) {
            throw new IOException(
                    String.format(
                            Locale.ROOT,
                            "%s is of a net with %d input channels, but images have 1 or 3.",
                            weights.file(),
                            channels));
        }
        return new Foreign(weights, told, known).describe();
    }

    private NetDescription describe() throws IOException {
        Map<String, Object> provenance = new LinkedHashMap<>();
        if (weights.assumed() != null) {
            notes.add(
                    "The channels are those of no known net: strides, activations, padding and epsilon of %s are assumed unless --arch says otherwise."
                            .formatted(weights.assumed()));
        }
        if (NetDescription.isIn(weights.metadata())) {
            provenance.putAll(ofOurs().provenance());
        } else if (known != null) {
            if (!told || net.name().equals(known.architecture())) { // not as another by --arch
                provenance.put(NetDescription.PRETRAINED, known.name());
            }
            ofPublished();
        } else if (isTimms() && isStateDict()) {
            ofTimm();
        } else {
            ofOthers();
        }
        provenance.put("weights", file.getFileName().toString());
        provenance.put("weightsFormat", weights.format());
        if (!notes.isEmpty()) {
            provenance.put(NetDescription.NOTES, notes);
        }
        return new NetDescription(net, input, true, classes, provenance);
    }

    private boolean isStateDict() {
        return !weights.format().equals(OnnxReader.FORMAT);
    }

    private boolean isTimms() {
        return net.name().contains("mobilenetv3_");
    }

    private static boolean isPaddleClas(Architecture net) {
        return net.name().startsWith("paddle_");
    }

    private NetDescription ofOurs() throws IOException {
        NetDescription own = NetDescription.fromMetadata(file, weights.metadata());
        classes = own.classes();
        input = own.preprocessing();
        if (classes.size() != net.classes() || input.channels() != net.inputChannels()) {
            throw new IOException(
                    String.format(
                            Locale.ROOT,
                            "%s has damaged metadata: %d classes and %d channels for a net of %d and %d.",
                            file,
                            classes.size(),
                            input.channels(),
                            net.classes(),
                            net.inputChannels()));
        }
        return own;
    }

    /** Its makers say all about it but, where it is not ImageNet's, what the classes are called. */
    private void ofPublished() throws IOException {
        input = known.input();
        if (net.classes() != IMAGENET) {
            TimmConfig config = TimmConfig.beside(file).orElse(null);
            if (config != null && config.classes().size() == net.classes()) {
                classes = config.classes();
            }
        }
    }

    /** timm's nets are more than their names and shapes; its config tells the rest. */
    private void ofTimm() throws IOException {
        TimmConfig timm = TimmConfig.beside(file).orElse(null);
        if (timm == null) {
            assumeTimms(name());
            return;
        }
        if (!net.name().startsWith(timm.architecture())) {
            notes.add(
                    "The config.json beside the file names timm's %s, whose strides, activations, padding and epsilon are not known here: those of %s are assumed unless --arch says otherwise."
                            .formatted(timm.architecture(), net.name()));
        }
        if (timm.input().channels() != input.channels()) {
            throw new IOException(
                    String.format(
                            Locale.ROOT,
                            "%s is of a net with %d input channels, but the config.json beside it normalizes %d; it belongs to other weights.",
                            file,
                            input.channels(),
                            timm.input().channels()));
        }
        input = timm.input();
        notes.addAll(timm.notes());
        if (!timm.classes().isEmpty()) {
            if (timm.classes().size() != net.classes()) {
                throw new IOException(
                        String.format(
                                Locale.ROOT,
                                "%s is of a net with %d classes, but the config.json beside it names %d; it belongs to other weights.",
                                file,
                                net.classes(),
                                timm.classes().size()));
            }
            classes = timm.classes();
        }
    }

    /** Without its config, the name alone tells. */
    private void assumeTimms(String name) {
        if (assumeNamesakes()) {
            return;
        }
        boolean miil = name.contains("miil");
        boolean tensorFlow = net.name().startsWith("tf_");
        int channels = input.channels();
        if (miil || tensorFlow) {
            input =
                    new Preprocessing(
                            input.fit(),
                            miil
                                    ? Normalization.unit(channels)
                                    : Normalization.uniform(channels, 0.5f, 0.5f));
        }
        String padding =
                told || name.contains(net.name())
                        ? ""
                        : "; timm's tf_ nets have the same names and shapes and would be answered wrongly, so name one with --arch, or put timm's config.json beside the file to be sure";
        notes.add(
                "The names are timm's, which tell neither input size nor normalization nor padding: %s, %s and the padding of %s are assumed unless options say otherwise%s."
                        .formatted(
                                input.fit().describe(),
                                miil
                                        ? "pixels that are not normalized, as of timm's miil nets,"
                                        : input.normalization().describe(),
                                net.name(),
                                padding));
    }

    /**
     * Takes the input of the published file that this one is called as, though it is not that file:
     * saved anew, perhaps, in another form.
     *
     * @return false if it is called as none of such a net
     */
    private boolean assumeNamesakes() {
        Pretrained namesake =
                Pretrained.ofFileName(name())
                        .filter(one -> net.name().startsWith(one.architecture()))
                        .orElse(null);
        if (namesake == null || told || input.channels() != namesake.input().channels()) {
            return false;
        }
        input = namesake.input();
        notes.add(
                "The file has the name of %s but other content; that one's input is assumed unless options say otherwise: %s, %s."
                        .formatted(
                                namesake.name(),
                                input.fit().describe(),
                                input.normalization().describe()));
        return true;
    }

    private void ofOthers() {
        if (isStateDict() && assumeNamesakes()) {
            return;
        }
        boolean torchvision = net.name().matches("mobilenet_v.*");
        String size = input.fit().describe();
        if (weights.normalization().isPresent()) {
            notes.add(
                    "The file does not tell the input size: %s is assumed unless an option says otherwise."
                            .formatted(size));
        } else if (isPaddleClas(net) && isStateDict()) {
            notes.add(
                    "The names are PaddleClas', which tell neither input size nor normalization nor dropout: %s, %s and a dropout of 0.2, whose factor 0.8 is taken into the last layer, are assumed unless options say otherwise."
                            .formatted(size, input.normalization().describe()));
        } else if (torchvision && isStateDict() && !told && net.name().contains("_v3_")) {
            notes.add(
                    "The names are torchvision's, which tell neither input size nor normalization nor dilation: %s, %s and a net without dilation are assumed unless options say otherwise; one made with dilated=True has the same names and would be answered wrongly, so give its --arch."
                            .formatted(size, input.normalization().describe()));
        } else {
            notes.add(
                    "The file tells neither input size nor normalization: %s and %s are assumed unless options say otherwise."
                            .formatted(size, input.normalization().describe()));
        }
    }

    private String name() {
        return file.getFileName().toString().toLowerCase(Locale.ROOT);
    }

    private static Preprocessing customary(NetWeights weights) {
        int channels = weights.architecture().inputChannels();
        boolean text = weights.architecture().name().startsWith("paddleocr");
        Task task = weights.architecture().task();
        Normalization customary =
                text || task == Task.DETECT
                        ? Normalization.uniform(channels, 0.5f, 0.5f)
                        : channels == 3
                                ? Normalization.IMAGENET
                                : Normalization.uniform(channels, 0.449f, 0.226f);
        Fit fit =
                text
                        ? new Fit.PadRight(48, 192)
                        : switch (task) {
                            case SEGMENT -> new Fit.WholeImage(520);
                            case DETECT -> new Fit.Stretch(DETECTOR_SIDE, DETECTOR_SIDE);
                            case CLASSIFY ->
                                    isPaddleClas(weights.architecture())
                                            ? new Fit.CenterCrop(
                                                    SIDE, 256, Interpolation.OPENCV_BILINEAR)
                                            : Fit.CenterCrop.photograph(SIDE);
                        };
        return new Preprocessing(fit, weights.normalization().orElse(customary));
    }

    /**
     * ImageNet's, COCO's and Pascal VOC's names, those of lines of text in PP-OCR, otherwise
     * numbers.
     */
    private static List<String> classes(Architecture net) throws IOException {
        if (net.task() == Task.SEGMENT && net.classes() == PASCAL_VOC) {
            return names("voc-classes.txt");
        }
        if (net.task() == Task.DETECT && net.classes() == COCO) {
            return names("coco-classes.txt");
        }
        return net.name().startsWith("paddleocr") && net.classes() == 2
                ? List.of("0", "180")
                : net.task() == Task.CLASSIFY && net.classes() == IMAGENET
                        ? imageNet()
                        : NetDescription.numberedClasses(net.classes());
    }

    /** ImageNet's names. */
    static List<String> imageNet() throws IOException {
        return names("imagenet-classes.txt");
    }

    private static List<String> names(String resource) throws IOException {
        try (BufferedReader names =
                new BufferedReader(
                        new InputStreamReader(
                                Foreign.class.getResourceAsStream(resource),
                                StandardCharsets.UTF_8))) {
            return names.lines().toList();
        }
    }
}
