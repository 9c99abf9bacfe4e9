package org.mobilenetv3.export;

import java.util.Comparator;
import java.util.Locale;
import org.mobilenetv3.Presets;
import org.mobilenetv3.zoo.NetDescription;

/**
 * How each file of an export is used, for its model card.
 *
 * @param description what was exported
 */
record CardExamples(NetDescription description) {

    private static final String TEXT =
            """
            Shell:

            ```console
            $ ./mobilenetv3 predict --weights NAME.onnx photo.png
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

            Python; `images` is a float32 array (N, SHAPE) of pixels in [0, 1]:

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

    String text() {
        var input = description.preprocessing();
        String name = description.architecture().name();
        return TEXT.replace("NAME", name)
                .replace("ARTIFACT", artifact(name))
                .replace(
                        "SHAPE",
                        String.format(
                                Locale.ROOT,
                                "%d, %d, %d",
                                input.channels(),
                                input.height(),
                                input.width()));
    }

    /** The preset that the net is of, which the model zoo knows, or one that it takes own nets for. */
    private static String artifact(String name) {
        return Presets.names().stream()
                .filter(name::startsWith)
                .max(Comparator.comparingInt(String::length))
                .orElse(name.contains("small") ? "mobilenet_v3_small" : "mobilenet_v3_large");
    }
}
