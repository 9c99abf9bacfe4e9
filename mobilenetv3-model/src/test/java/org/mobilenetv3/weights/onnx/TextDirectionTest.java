package org.mobilenetv3.weights.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import ai.djl.Model;
import ai.djl.ndarray.types.Shape;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.InputStream;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mobilenetv3.Architecture;
import org.mobilenetv3.Presets;
import org.mobilenetv3.nn.Gate;
import org.mobilenetv3.weights.NetWeights;

/** PP-OCR's text-direction classifier, which PaddlePaddle exported: class 1 is upside down. */
class TextDirectionTest {

    private static final int HEIGHT = 48;
    private static final int WIDTH = 192;
    private static final List<String> LINES =
            List.of(
                    "Invoice 4711",
                    "Hello, world",
                    "MobileNetV3",
                    "Total: 18,50",
                    "Good morning",
                    "Left and right",
                    "Page 3 of 12",
                    "Sincerely yours");

    @TempDir static Path directory;
    private static Path file;
    private static NetWeights read;

    @BeforeAll
    static void readTheFile() throws IOException {
        file = directory.resolve("classifier.onnx");
        try (InputStream in =
                TextDirectionTest.class.getResourceAsStream(
                        "/models/ch_ppocr_mobile_v2.0_cls_infer.onnx")) {
            Files.copy(in, file);
        }
        read = OnnxReader.read(file);
    }

    @Test
    void isThePapersSmallNetAsPaddleOcrReadsIt() {
        Architecture net = Presets.of("paddleocr_small").withClasses(2);
        // The slope of its h-sigmoid is taken into the weights.
        assertThat(read.architecture())
                .isEqualTo(net.withConventions(net.conventions().withGate(Gate.PAPER)));
        assertThat(read.normalization()).isEmpty();
        assertThat(read.notes())
                .anyMatch(f -> f.contains("softmax"))
                .anyMatch(f -> f.contains("slope 0.2"))
                .hasSize(2);
    }

    @Test
    void computesWhatOnnxRuntimeComputes() throws IOException, OrtException {
        for (int width : new int[] {WIDTH, 100}) {
            Shape shape = new Shape(2, 3, HEIGHT, width);
            Random random = new Random(width);
            float[] x = new float[(int) shape.size()];
            for (int i = 0; i < x.length; i++) {
                x[i] = 2 * random.nextFloat() - 1;
            }
            float[] expected = onnxRuntime(x, shape);
            assertThat(expected[0]).isBetween(0.001f, 0.999f);
            assertThat(ImportedNet.difference(probabilities(x, shape), expected)).isLessThan(1e-4);
        }
    }

    @Test
    void tellsUprightTextFromTextUpsideDown() throws IOException, OrtException {
        Shape shape = new Shape(2L * LINES.size(), 3, HEIGHT, WIDTH);
        float[] x = new float[(int) shape.size()];
        for (int i = 0; i < LINES.size(); i++) {
            put(drawn(LINES.get(i), false), x, 2 * i);
            put(drawn(LINES.get(i), true), x, 2 * i + 1);
        }
        float[] probabilities = probabilities(x, shape);
        assertThat(ImportedNet.difference(probabilities, onnxRuntime(x, shape))).isLessThan(1e-4);
        int right = 0;
        for (int i = 0; i < shape.get(0); i++) {
            right += probabilities[2 * i + i % 2] > 0.5 ? 1 : 0;
        }
        assertThat(right).isGreaterThanOrEqualTo(LINES.size() * 2 - 3);
    }

    private static float[] probabilities(float[] x, Shape shape) throws IOException {
        try (Model model = ImportedNet.of(read)) {
            float[] logits = ImportedNet.logits(model, x, shape);
            for (int i = 0; i < logits.length; i += 2) {
                double odds = Math.exp((double) logits[i] - logits[i + 1]);
                logits[i] = (float) (odds / (1 + odds));
                logits[i + 1] = 1 - logits[i];
            }
            return logits;
        }
    }

    private static float[] onnxRuntime(float[] x, Shape shape) throws OrtException {
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            options.setIntraOpNumThreads(1);
            try (OrtSession session = environment.createSession(file.toString(), options);
                    OnnxTensor input =
                            OnnxTensor.createTensor(
                                    environment, FloatBuffer.wrap(x), shape.getShape());
                    OrtSession.Result result = session.run(Map.of("x", input))) {
                return ((OnnxTensor) result.get(0)).getFloatBuffer().array();
            }
        }
    }

    private static BufferedImage drawn(String text, boolean turned) {
        BufferedImage image = new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_BYTE_GRAY);
        Graphics2D g = image.createGraphics();
        try {
            g.setColor(Color.WHITE);
            g.fillRect(0, 0, WIDTH, HEIGHT);
            g.setColor(Color.BLACK);
            g.setRenderingHint(
                    RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
            if (turned) {
                g.rotate(Math.PI, WIDTH / 2d, HEIGHT / 2d);
            }
            g.setFont(new Font(Font.SANS_SERIF, Font.PLAIN, 26));
            g.drawString(text, (WIDTH - g.getFontMetrics().stringWidth(text)) / 2, 33);
        } catch (LinkageError | InternalError | RuntimeException e) {
            abort("This Java has no fonts: " + e);
        } finally {
            g.dispose();
        }
        return image;
    }

    /** Three equal channels, mean and deviation 0.5. */
    private static void put(BufferedImage image, float[] x, int at) {
        int plane = WIDTH * HEIGHT;
        for (int i = 0; i < 3 * plane; i++) {
            int pixel = i % plane;
            int sample = image.getRaster().getSample(pixel % WIDTH, pixel / WIDTH, 0);
            x[at * 3 * plane + i] = (sample / 255f - 0.5f) / 0.5f;
        }
    }
}
