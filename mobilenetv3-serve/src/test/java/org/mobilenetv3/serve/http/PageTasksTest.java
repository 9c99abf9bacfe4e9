package org.mobilenetv3.serve.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.gson.JsonObject;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.mobilenetv3.export.ExportFormat;
import org.mobilenetv3.export.Exporter;
import org.mobilenetv3.serve.TestPackage;

/** The page in a real browser, with nets that detect and segment. */
@Timeout(60)
class PageTasksTest {

    private static final int WIDTH = 90;
    private static final int HEIGHT = 50;

    @TempDir private static Path temporary;
    private static Path picture;
    private static TestServer server;
    private static Chromium browser;

    @BeforeAll
    static void start() throws Exception {
        Optional<Path> chromium = Chromium.find();
        assumeTrue(chromium.isPresent(), "no Chromium here to show the page");
        Path masks = temporary.resolve("masks.onnx");
        new Exporter(ExportFormat.ONNX, true, false)
                .export(TestPackage.segmenter(temporary.resolve("masks")), masks);
        picture = temporary.resolve("picture.png");
        BufferedImage image = new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_INT_RGB);
        for (int i = 0; i < WIDTH * HEIGHT; i++) {
            image.setRGB(i % WIDTH, i / WIDTH, i * 2654435 & 0xffffff);
        }
        ImageIO.write(image, "png", picture.toFile());
        server = TestServer.start(Map.of("masks", masks), setup -> setup);
        browser = Chromium.start(chromium.get());
    }

    @AfterAll
    static void stop() {
        if (browser != null) {
            browser.close();
        }
        if (server != null) {
            server.close();
        }
    }

    @AfterEach
    void theConsoleIsEmpty() {
        assertThat(browser.complaints()).isEmpty();
    }

    @Test
    void boxesStandOnThePictureWhereTheServerSays() throws Exception {
        browser.open(server.uri("/").toString());
        browser.prepare(
                200,
                "0",
                """
                {"model":"a","version":"b","task":"detect","width":90,"height":50,"objects":[
                  {"className":"<b>dog</b>","index":1,"score":0.97,"box":{"left":9,"top":10,"right":36,"bottom":40}},
                  {"className":"cat","index":0,"score":0.6,"box":{"left":50,"top":0,"right":90,"bottom":25}}],
                 "milliseconds":1}\
                """);
        browser.choose("#file", picture);
        browser.until("document.querySelectorAll('#boxes text').length === 2");
        assertThat(text("#facts")).isEqualTo("a · version b · 1.0\u00a0ms · 2\u00a0objects");
        assertThat(text("#predictions li span")).isEqualTo("<b>dog</b>");
        assertThat(text("#spoken")).isEqualTo("<b>dog</b>, 97.0 %; cat, 60.0 %");
        assertThat(text("#boxes text:last-of-type")).isEqualTo("<b>dog</b> 97 %");
        // Of the picture as it is shown, the whole stage wide.
        JsonObject place =
                browser.evaluate(
                                "(() => { const s = document.querySelector('#stage').getBoundingClientRect();"
                                        + " const scale = Math.min(s.width / 90, s.height / 50);"
                                        + " const r = [...document.querySelectorAll('#boxes rect')].at(3).getBoundingClientRect();"
                                        + " const left = s.left + (s.width - 90 * scale) / 2, top = s.top + (s.height - 50 * scale) / 2;"
                                        + " return {x: (r.left - left) / scale, y: (r.top - top) / scale, width: r.width / scale, height: r.height / scale} })()")
                        .getAsJsonObject();
        assertThat(place.get("x").getAsDouble()).isCloseTo(9, within(0.6));
        assertThat(place.get("y").getAsDouble()).isCloseTo(10, within(0.6));
        assertThat(place.get("width").getAsDouble()).isCloseTo(27, within(1.2));
        assertThat(place.get("height").getAsDouble()).isCloseTo(30, within(1.2));
    }

    @Test
    void aMaskTintsAllButTheBackgroundAndGoesWithItsPicture() throws Exception {
        browser.open(server.uri("/").toString());
        browser.choose("#file", picture);
        browser.until("!document.querySelector('#mask').hidden");
        BufferedImage mask =
                ImageIO.read(
                        new ByteArrayInputStream(
                                server.post("/predict?format=png", Files.readAllBytes(picture))
                                        .body()));
        long background =
                IntStream.range(0, WIDTH * HEIGHT)
                        .filter(i -> mask.getRaster().getSample(i % WIDTH, i / WIDTH, 0) == 0)
                        .count();
        assertThat(background).isLessThan(WIDTH * HEIGHT);
        String clear =
                "(() => { const c = document.querySelector('#mask'); const d = c.getContext('2d')"
                        + ".getImageData(0, 0, c.width, c.height).data; let n = 0;"
                        + " for (let i = 3; i < d.length; i += 4) n += d[i] === 0; return [c.width, c.height, n].join() })()";
        assertThat(browser.evaluate(clear).getAsString())
                .isEqualTo(WIDTH + "," + HEIGHT + "," + background);
        assertThat(browser.evaluate("document.querySelector('[role=meter]').ariaValueNow > 0.3"))
                .matches(x -> x.getAsBoolean());
        browser.prepare(
                200,
                "0",
                "{\"model\":\"a\",\"version\":\"b\",\"predictions\":[{\"className\":\"c\",\"probability\":1}],\"milliseconds\":1}");
        browser.choose("#file", picture);
        browser.until("document.querySelector('#facts').textContent.startsWith('a · ')");
        assertThat(browser.evaluate("document.querySelector('#mask').hidden").getAsBoolean())
                .isTrue();
    }

    private static String text(String selector) throws Exception {
        return browser.evaluate("document.querySelector('" + selector + "').textContent")
                .getAsString();
    }
}
