package org.mobilenetv3.serve.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mobilenetv3.serve.http.TestServer.image;
import static org.mobilenetv3.serve.http.TestServer.json;
import static org.mobilenetv3.serve.http.TestServer.refused;
import static org.mobilenetv3.serve.http.TestServer.text;

import ai.djl.Device;
import com.google.gson.Gson;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.mobilenetv3.detection.FoundObject;
import org.mobilenetv3.detection.PostProcessing;
import org.mobilenetv3.export.ExportFormat;
import org.mobilenetv3.export.Exporter;
import org.mobilenetv3.image.Pixels;
import org.mobilenetv3.segmentation.Area;
import org.mobilenetv3.segmentation.Mask;
import org.mobilenetv3.serve.TestPackage;
import org.mobilenetv3.trained.NetEngine;
import org.mobilenetv3.trained.TrainedNet;

/** Nets that detect and segment over HTTP: the answers are those of {@code predict}. */
@Timeout(120)
class TasksTest {

    @TempDir private static Path temporary;
    private static Path boxes;
    private static Path masks;
    private static Path detector;
    private static Path segmenter;
    private static TestServer server;

    @BeforeAll
    static void start() throws IOException {
        detector = TestPackage.detector(temporary.resolve("detector"));
        segmenter = TestPackage.segmenter(temporary.resolve("segmenter"));
        boxes = exported(detector, ExportFormat.ONNX, null);
        masks = exported(segmenter, ExportFormat.ONNX, null);
        server = TestServer.start(Map.of("boxes", boxes, "masks", masks), setup -> setup);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static Path exported(Path net, ExportFormat format, PostProcessing suppression)
            throws IOException {
        Path file = Files.createTempFile(temporary, "net", format.extension());
        new Exporter(format, true, false, suppression).export(net, file);
        return file;
    }

    @Test
    void theObjectsInAnImageAreThoseOfPredict() throws Exception {
        JsonObject answer = json(server.post("/predict/boxes?threshold=0.3", photo(90, 50, 1)));
        assertThat(answer.get("task").getAsString()).isEqualTo("detect");
        assertThat(answer.get("width").getAsInt()).isEqualTo(90);
        assertThat(answer.get("height").getAsInt()).isEqualTo(50);
        assertThat(answer.get("version").getAsString()).hasSize(12);
        JsonArray objects = answer.getAsJsonArray("objects");
        assertThat(objects).isNotEmpty().isEqualTo(objects(boxes, photo(90, 50, 1), 0.3));
        JsonObject first = objects.get(0).getAsJsonObject();
        assertThat(first.keySet()).containsExactly("className", "index", "score", "box");
        assertThat(first.getAsJsonObject("box").keySet())
                .containsExactly("left", "top", "right", "bottom");
        assertThat(json(server.post("/predict/boxes", photo(90, 50, 1))).get("objects"))
                .isEqualTo(objects(boxes, photo(90, 50, 1), 0.5));
    }

    @Test
    void aMaskIsThatOfPredictInJsonAndAsAnImage() throws Exception {
        byte[] photo = photo(90, 50, 2);
        Mask expected = mask(masks, photo);
        JsonObject answer = json(server.post("/predict/masks?mask=true", photo));
        assertThat(answer.get("task").getAsString()).isEqualTo("segment");
        assertThat(answer.get("width").getAsInt()).isEqualTo(90);
        assertThat(answer.get("areas"))
                .isEqualTo(
                        new Gson()
                                .toJsonTree(
                                        Area.of(
                                                expected,
                                                List.of("background", "cat", "dog", "bird"))));
        assertThat(answer.getAsJsonArray("areas").size()).isGreaterThan(1);
        byte[] inside = Base64.getDecoder().decode(answer.get("mask").getAsString());
        assertThat(classes(inside)).isEqualTo(expected.classes());
        assertThat(json(server.post("/predict/masks", photo)).has("mask")).isFalse();
        HttpResponse<byte[]> asked = server.post("/predict/masks?format=png", photo);
        assertThat(asked.headers().firstValue("Content-Type")).contains("image/png");
        assertThat(classes(asked.body())).isEqualTo(expected.classes());
        assertThat(server.post("/predict/masks", photo, "Accept", "image/png").body())
                .isEqualTo(asked.body());
        assertThat(json(server.post("/predict/masks?format=json", photo, "Accept", "image/png")))
                .isNotNull();
    }

    @Test
    void imagesOfDifferentSizesAtOnceEachGetTheirOwnMask() throws Exception {
        List<byte[]> photos = new ArrayList<>();
        List<CompletableFuture<HttpResponse<byte[]>>> replies = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            byte[] photo = i % 4 == 3 ? photo(130, 20, i) : photo(60 + i % 3, 50, i);
            photos.add(photo);
            replies.add(
                    server.client()
                            .sendAsync(
                                    server.request("/predict/masks?format=png")
                                            .POST(BodyPublishers.ofByteArray(photo))
                                            .build(),
                                    BodyHandlers.ofByteArray()));
        }
        for (int i = 0; i < photos.size(); i++) {
            assertThat(classes(replies.get(i).get().body()))
                    .isEqualTo(mask(masks, photos.get(i)).classes());
        }
        List<CompletableFuture<HttpResponse<byte[]>>> found = new ArrayList<>();
        for (byte[] photo : photos) {
            found.add(
                    server.client()
                            .sendAsync(
                                    server.request("/predict/boxes?threshold=0.2")
                                            .POST(BodyPublishers.ofByteArray(photo))
                                            .build(),
                                    BodyHandlers.ofByteArray()));
        }
        for (int i = 0; i < photos.size(); i++) {
            assertThat(json(found.get(i).get()).get("objects"))
                    .isEqualTo(objects(boxes, photos.get(i), 0.2));
        }
    }

    @Test
    void packagesAndFilesOfAllKindsFindTheSame() throws Exception {
        Path nms = exported(detector, ExportFormat.ONNX, PostProcessing.SSDLITE);
        Path script = exported(detector, ExportFormat.TORCHSCRIPT, null);
        Path maskScript = exported(segmenter, ExportFormat.TORCHSCRIPT, null);
        byte[] photo = photo(80, 70, 3);
        try (TestServer all =
                TestServer.start(
                        Map.of(
                                "package", detector,
                                "nms", nms,
                                "script", script,
                                "masks", segmenter,
                                "maskScript", maskScript),
                        setup -> setup)) {
            JsonArray expected = objects(boxes, photo, 0.3);
            for (String name : List.of("package", "nms")) {
                assertThat(
                                json(all.post("/predict/" + name + "?threshold=0.3", photo))
                                        .get("objects"))
                        .isEqualTo(expected);
            }
            assertThat(json(all.post("/predict/script?threshold=0.3", photo)).get("objects"))
                    .isEqualTo(objects(script, photo, 0.3));
            assertThat(classes(all.post("/predict/masks?format=png", photo).body()))
                    .isEqualTo(mask(masks, photo).classes());
            assertThat(classes(all.post("/predict/maskScript?format=png", photo).body()))
                    .isEqualTo(mask(maskScript, photo).classes());
        }
        try (TestServer torch =
                TestServer.start(Map.of("net", detector), setup -> setup.with(NetEngine.TORCH))) {
            assertThat(json(torch.post("/predict?threshold=0.3", photo)).get("objects"))
                    .isEqualTo(objects(detector, photo, 0.3));
        }
    }

    @Test
    void whatCannotBeAnsweredIsRefusedInASentence() throws Exception {
        byte[] photo = photo(60, 40, 4);
        for (String net : List.of("boxes", "masks")) {
            refused(400, server.post("/predict/" + net, Arrays.copyOf(photo, photo.length / 2)));
            refused(415, server.post("/predict/" + net, "this is text"));
            refused(413, server.post("/predict/" + net, image("png", 200, 200)));
        }
        for (String wish :
                List.of(
                        "threshold=2",
                        "threshold=-0.1",
                        "threshold=NaN",
                        "threshold=",
                        "threshold=0.5f",
                        "format=gif",
                        "format=png",
                        "mask=1")) {
            refused(400, server.post("/predict/boxes?" + wish, photo));
        }
        HttpResponse<byte[]> thin = server.post("/predict/masks", image("png", 900, 10));
        refused(400, thin);
        assertThat(text(thin)).contains("900x10", "cut it");
    }

    @Test
    void aModelThatIsReplacedByOneOfAnotherTaskAnswersByTheNewTask() throws Exception {
        Path served = temporary.resolve("served.onnx");
        Files.copy(boxes, served);
        byte[] photo = photo(60, 40, 5);
        try (TestServer other = TestServer.start(served)) {
            assertThat(json(other.post("/predict", photo)).has("objects")).isTrue();
            Path next = temporary.resolve("next.onnx");
            Files.copy(masks, next);
            Files.move(next, served, StandardCopyOption.ATOMIC_MOVE);
            while (json(other.post("/predict", photo)).has("objects")) {
                Thread.sleep(50);
            }
            assertThat(json(other.post("/predict", photo)).has("areas")).isTrue();
            assertThat(text(other.get("/v2/models/net"))).contains("[-1,3,-1,-1]");
        }
    }

    private static JsonArray objects(Path file, byte[] photo, double threshold) throws IOException {
        try (TrainedNet net = TrainedNet.open(file, Device.cpu(), 1)) {
            return new Gson()
                    .toJsonTree(
                            FoundObject.of(
                                    net.detect(pixels(photo)),
                                    net.description().classes(),
                                    threshold))
                    .getAsJsonArray();
        }
    }

    private static Mask mask(Path file, byte[] photo) throws IOException {
        try (TrainedNet net = TrainedNet.open(file, Device.cpu(), 1)) {
            return net.mask(pixels(photo));
        }
    }

    private static Pixels pixels(byte[] photo) throws IOException {
        return Pixels.of(ImageIO.read(new ByteArrayInputStream(photo)));
    }

    private static byte[] classes(byte[] png) throws IOException {
        BufferedImage image = ImageIO.read(new ByteArrayInputStream(png));
        assertThat(image.getColorModel().getPixelSize()).isEqualTo(8);
        return (byte[])
                image.getRaster().getDataElements(0, 0, image.getWidth(), image.getHeight(), null);
    }

    private static byte[] photo(int width, int height, int seed) throws IOException {
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        Random random = new Random(seed);
        for (int y = 0; y < height; y += 10) {
            for (int x = 0; x < width; x += 10) {
                int color = random.nextInt(1 << 24);
                for (int i = 0; i < 100; i++) {
                    if (x + i % 10 < width && y + i / 10 < height) {
                        image.setRGB(x + i % 10, y + i / 10, color);
                    }
                }
            }
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ImageIO.write(image, "png", out);
        return out.toByteArray();
    }
}
