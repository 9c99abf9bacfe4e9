package org.mobilenetv3.export.bundle;

import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.mobilenetv3.export.ExportReport;
import org.mobilenetv3.graph.Graph;
import org.mobilenetv3.graph.LayerCost;
import org.mobilenetv3.image.Interpolation;
import org.mobilenetv3.preprocessing.Fit;
import org.mobilenetv3.preprocessing.Preprocessing;
import org.mobilenetv3.trained.NetDescription;
import org.mobilenetv3.trained.NetWithWeights;
import org.mobilenetv3.zoo.MobileNetV3ZooProvider;

/** What a reader of an export needs to know, in Markdown. It says nothing that is not known. */
final class ModelCard {

    /** How many classes are named; packages have a file of all. */
    private static final int NAMED = 100;

    /** How each file is used. */
    private static final String EXAMPLES =
            """
            Shell:

            ```console
            $ mobilenetv3 predict --weights NAME.onnx photo.png
            ```

            Java, the package through DJL (with `org.mobilenetv3:mobilenetv3-model`):

            ```java
            Criteria<Image, Classifications> criteria = Criteria.builder()
                    .setTypes(Image.class, Classifications.class)
                    .optGroupId("org.mobilenetv3").optArtifactId("ARTIFACT")
                    .optArgument("package", "package").build();
            try (var model = criteria.loadModel(); var predictor = model.newPredictor()) {
                var photo = Pixels.read(Path.of("photo.png")).toImage();
                System.out.println(predictor.predict(ImageFactory.getInstance().fromImage(photo)));
            }
            ```

            Java, ONNX or TorchScript (DJL's `Criteria` opens the latter without this project, too):

            ```java
            try (TrainedNet net = TrainedNet.open(Path.of("NAME.onnx"), Device.cpu(), 2)) { // or NAME.pt
                float[] input = net.description().input(Pixels.read(Path.of("photo.png")));
                float[] logits = net.logits(FloatBuffer.wrap(input), new Shape(1, SHAPE));
            }
            ```

            Python; `images` is a float32 array (N, SHAPE) of pixels in [0, 1]MAKING:

            ```python
            import json, onnxruntime
            net = onnxruntime.InferenceSession("NAME.onnx")
            classes = json.loads(net.get_modelmeta().custom_metadata_map["classes"])
            logits = net.run(["logits"], {"input": images})[0]
            ```

            ```python
            import torch
            logits = torch.jit.load("NAME.pt").eval()(torch.from_numpy(images))
            ```

            ```python
            from safetensors.torch import load_file
            state = load_file("NAME.safetensors")  # a state dict; `--format torchvision` writes torchvision's
            ```
            """;

    private static final String TORCHVISION =
            """
            , made of photographs by:

            ```python
            from PIL import Image, ImageOps
            from torchvision.transforms import CenterCrop, Compose, InterpolationMode, Resize, ToTensor
            fit = Compose([Resize(RESIZE, InterpolationMode.INTERPOLATION), CenterCrop(CROP), ToTensor()])
            photo = ImageOps.exif_transpose(Image.open("photo.png")).convert("MODE")
            images = fit(photo)[None].numpy()
            ```
            """;

    /** PaddleClas' ResizeImage and CropImage. */
    private static final String OPENCV =
            """
            , made of photographs by:

            ```python
            import cv2, numpy
            from PIL import Image, ImageOps
            photo = numpy.asarray(ImageOps.exif_transpose(Image.open("photo.png")).convert("MODE"))
            height, width = photo.shape[:2]
            scale = RESIZE / min(height, width)
            photo = cv2.resize(photo, (round(width * scale), round(height * scale)))
            top, left = (photo.shape[0] - CROP) // 2, (photo.shape[1] - CROP) // 2
            photo = photo[top : top + CROP, left : left + CROP]
            images = photoAXES.astype("float32") / 255
            ```
            """;

    private final NetDescription description;
    private final List<ExportReport> files;
    private final TestResult test;
    private final String license;
    private final List<LayerCost> cost;

    ModelCard(NetWithWeights net, List<ExportReport> files, TestResult test, String license) {
        this.description = net.description();
        this.files = List.copyOf(files);
        this.test = test;
        this.license = license;
        Preprocessing input = description.preprocessing();
        this.cost =
                Graph.trace(
                                net.block(),
                                new Shape(1, input.channels(), input.height(), input.width()))
                        .cost();
    }

    String text() {
        StringBuilder text = new StringBuilder();
        text.append("# %s%n%n".formatted(description.architecture().name()));
        text.append(
                "MobileNetV3 (%s), a net that classifies images. Written by MobileNetV3 for the JVM; `sha256sum -c SHA256SUMS` checks the files.%n"
                        .formatted(description.architecture()));
        section(text, "Files", table());
        section(text, "Input", input());
        section(text, "Accuracy", accuracy());
        section(text, "Cost", cost());
        section(text, "Provenance", provenance());
        section(text, "Classes", classes());
        section(text, "Use", examples());
        section(text, "License", license);
        return text.toString().replace(System.lineSeparator(), "\n");
    }

    private static void section(StringBuilder text, String title, String content) {
        text.append("\n## %s\n\n%s\n".formatted(title, content.strip()));
    }

    private String table() {
        List<String> rows = new ArrayList<>(List.of("| file | what | bytes |", "|---|---|---|"));
        for (ExportReport file : files) {
            boolean directory = file.difference() == null;
            rows.add(
                    String.format(
                            Locale.ROOT,
                            "| `%s%s` | %s | %,d |",
                            file.file().getFileName(),
                            directory ? "/" : "",
                            file.format().equals(file.version())
                                    ? file.format()
                                    : file.format() + ", " + file.version(),
                            file.bytes()));
        }
        return String.join("\n", rows);
    }

    private String input() {
        Preprocessing input = description.preprocessing();
        return String.format(
                Locale.ROOT,
                "(N, %d, %d, %d), %s, float32, pixels in [0, 1]: %s. ONNX and TorchScript normalize them themselves (mean %s, deviation %s); so does the net of the package; a state dict (safetensors) is of a net that takes normalized ones. Height and width are free; these are the sizes of training.",
                input.channels(),
                input.height(),
                input.width(),
                input.channels() == 1 ? "gray" : "RGB",
                fit(input.fit()),
                Arrays.toString(input.normalization().mean()),
                Arrays.toString(input.normalization().std()));
    }

    private static String fit(Fit fit) {
        if (fit instanceof Fit.CenterCrop crop) {
            return String.format(
                    Locale.ROOT,
                    "the shorter side resized to %d (%s), the middle %d taken",
                    crop.resize(),
                    switch (crop.interpolation()) {
                        case BILINEAR -> "bilinear, antialiased as in Pillow";
                        case BICUBIC -> "bicubic, antialiased as in Pillow";
                        case OPENCV_BILINEAR -> "OpenCV's INTER_LINEAR, not antialiased";
                    },
                    crop.size());
        }
        if (fit instanceof Fit.Stretch) {
            return "stretched to this size whatever its proportions, bilinear, not antialiased";
        }
        return "resized to the height, padded on the right with mid gray";
    }

    private String accuracy() {
        List<String> known = new ArrayList<>();
        if (test != null) {
            known.add(
                    String.format(
                            Locale.ROOT,
                            "%.2f %% of the %,d test images of %s (top-1).",
                            100 * test.top1(),
                            test.images(),
                            dataset()));
        }
        if (description.provenance().get("metrics") instanceof Map<?, ?> metrics
                && metrics.get("validationTop1") instanceof Number top1) {
            known.add(
                    String.format(
                            Locale.ROOT,
                            "%.2f %% of the validation images (top-1), by which the epoch was chosen: a little too good.",
                            100 * top1.doubleValue()));
        }
        return known.isEmpty() ? "Not known." : String.join("\n\n", known);
    }

    private String dataset() {
        Object dataset = description.provenance().get("dataset");
        return dataset == null ? "its data set" : dataset.toString();
    }

    private String cost() {
        long parameters = cost.stream().mapToLong(LayerCost::parameters).sum();
        long multiplyAdds = cost.stream().mapToLong(LayerCost::multiplyAdds).sum();
        return String.format(
                Locale.ROOT,
                "%,d parameters; %,d multiply-adds for an image of the size above.",
                parameters,
                multiplyAdds);
    }

    private String provenance() {
        Map<String, Object> of = description.provenance();
        Map<String, String> facts = new LinkedHashMap<>();
        of.forEach(
                (key, value) -> {
                    if (!(value instanceof Map<?, ?>)) {
                        facts.put(key, plain(value));
                    }
                });
        if (of.get("recipe") instanceof Map<?, ?> recipe) {
            List<String> lines = new ArrayList<>();
            recipe.forEach((key, value) -> lines.add(key + "=" + plain(value)));
            facts.put("recipe", String.join(", ", lines));
        }
        facts.putIfAbsent("weights", "begun from random numbers, or not recorded");
        List<String> lines = new ArrayList<>();
        facts.forEach((key, value) -> lines.add("- %s: %s".formatted(key, value)));
        return String.join("\n", lines);
    }

    /** JSON has no integers; files of weights carry what JSON was. */
    private static String plain(Object value) {
        return value instanceof Double number && number == Math.rint(number)
                ? String.valueOf(number.longValue())
                : String.valueOf(value);
    }

    private String classes() {
        List<String> classes = description.classes();
        StringBuilder lines = new StringBuilder("In the order of the logits");
        if (classes.size() > NAMED) {
            lines.append(
                    String.format(
                            Locale.ROOT,
                            " (%d of %d; `package/synset.txt` has all)",
                            NAMED,
                            classes.size()));
        }
        lines.append(":\n\n");
        for (int i = 0; i < Math.min(NAMED, classes.size()); i++) {
            String name = classes.get(i).replaceAll("([\\\\`*_<>|\\[\\]#])", "\\\\$1");
            lines.append(i).append(". ").append(name).append('\n');
        }
        return lines.toString();
    }

    /** How the input is made in Python. */
    private static String making(Preprocessing input) {
        if (!(input.fit() instanceof Fit.CenterCrop crop)) {
            return ":";
        }
        boolean opencv = crop.interpolation() == Interpolation.OPENCV_BILINEAR;
        boolean gray = input.channels() == 1;
        return (opencv ? OPENCV : TORCHVISION)
                .replace("MODE", gray ? "L" : "RGB")
                .replace("AXES", gray ? "[None, None]" : ".transpose(2, 0, 1)[None]")
                .replace("INTERPOLATION", crop.interpolation().name())
                .replace("RESIZE", Integer.toString(crop.resize()))
                .replace("CROP", Integer.toString(crop.size()))
                .strip();
    }

    private String examples() {
        Preprocessing input = description.preprocessing();
        String shape =
                String.format(
                        Locale.ROOT, "%d, %d, %d", input.channels(), input.height(), input.width());
        return EXAMPLES.replace(
                        "ARTIFACT", MobileNetV3ZooProvider.artifact(description.architecture()))
                .replace("MAKING:", making(input))
                .replace("NAME", description.architecture().name())
                .replace("SHAPE", shape);
    }
}
