package org.mobilenetv3.serve.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonParser;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.mobilenetv3.export.ExportFormat;
import org.mobilenetv3.export.Exporter;
import org.mobilenetv3.preprocessing.Fit;
import org.mobilenetv3.serve.TestPackage;

/** The page in a real browser, against a real server. */
@Timeout(60)
class PageTest {

    private static final List<String> CLASSES =
            List.of("cat", "<b>dog</b>", "bird", "fish", "horse", "cow");
    private static final float[] BIASES = {0f, 2f, 1f, 0.5f, 0f, -1f};
    private static final String SHOWN = "document.querySelector('[role=meter]')?.ariaValueNow > 0";
    private static final String COMPLAINS = "!document.querySelector('#trouble').hidden";

    @TempDir private static Path temporary;
    private static Path picture;
    private static TestServer server;
    private static TestServer guarded;
    private static Chromium browser;

    @BeforeAll
    static void start() throws Exception {
        Optional<Path> chromium = Chromium.find();
        assumeTrue(
                chromium.isPresent(),
                "no Chromium here to show the page: neither chromium nor google-chrome is in the"
                        + " path, and the environment variable CHROMIUM names none");
        Path model =
                TestPackage.save(
                        temporary.resolve("net"), 3, new Fit.CenterCrop(32, 32), CLASSES, BIASES);
        Path onnx = temporary.resolve("net.onnx"); // opens faster than a package
        new Exporter(ExportFormat.ONNX, true, false).export(model, onnx);
        picture = picture("picture.png", 60, 40);
        Map<String, Path> models = Map.of("first", onnx, "second", onnx);
        server = TestServer.start(models, setup -> setup);
        guarded = TestServer.start(models, setup -> setup.withToken("secret"));
        browser = Chromium.start(chromium.get());
    }

    @AfterAll
    static void stop() {
        for (AutoCloseable each : new AutoCloseable[] {browser, server, guarded}) {
            if (each != null) {
                try {
                    each.close();
                } catch (Exception e) {
                    throw new AssertionError(e);
                }
            }
        }
    }

    @AfterEach
    void theConsoleIsEmpty() {
        assertThat(browser.complaints()).isEmpty();
    }

    @Test
    void aChosenPictureIsAnsweredWithTheFiguresOfTheServer() throws Exception {
        browser.open(address(server));
        browser.choose("#file", picture);
        browser.until(SHOWN);
        assertThat(shown()).isEqualTo(told(picture)).hasSize(5);
        assertThat(text("#predictions li span")).isEqualTo("<b>dog</b>");
        assertThat(text("#facts"))
                .matches("(first|second) · version [0-9a-f]{12} · [0-9.]+\\u00a0ms");
        assertThat(text("#spoken")).startsWith("<b>dog</b>, ").contains("; bird, ");
    }

    @Test
    void aDroppedPictureIsAnsweredAndAnotherModelAskedWhenChosen() throws Exception {
        browser.open(address(server));
        browser.drop(picture, 5, 5);
        browser.until(SHOWN);
        assertThat(shown()).isEqualTo(told(picture));
        String other =
                browser.evaluate(
                                "(() => { const s = document.querySelector('#model'); s.selectedIndex"
                                        + " = 1; s.dispatchEvent(new Event('change')); return s.value })()")
                        .getAsString();
        browser.until(
                "document.querySelector('#facts').textContent.startsWith('" + other + " · ')");
    }

    @Test
    void aKindThatOnlyTheBrowserReadsIsConvertedAndOneTooLargeForTheServerMadeSmaller()
            throws Exception {
        browser.open(address(server));
        browser.evaluate(
                """
                (async () => {
                  const canvas = Object.assign(document.createElement("canvas"), {width: 60, height: 40});
                  canvas.getContext("2d").fillRect(0, 0, 30, 40);
                  const webp = await new Promise(done => canvas.toBlob(done, "image/webp"));
                  const data = new DataTransfer();
                  data.items.add(new File([webp], "x.webp", {type: "image/webp"}));
                  dispatchEvent(new ClipboardEvent("paste", {clipboardData: data}));
                })()\
                """);
        browser.until(SHOWN);
        browser.prepare(413, "0", "{\"error\":\"The body is larger than 10 bytes.\"}");
        browser.choose("#file", picture);
        browser.until("document.querySelector('#picture').alt.endsWith('picture.png')");
        browser.until(SHOWN);
        assertThat(shown()).isEqualTo(told(picture));
    }

    @Test
    void whatIsNoPictureAndWhatTheServerRefusesIsToldInASentence() throws Exception {
        browser.open(address(server));
        browser.choose("#file", Files.writeString(temporary.resolve("notes.txt"), "only text"));
        browser.until(COMPLAINS);
        assertThat(text("#error"))
                .isEqualTo("“notes.txt” is no picture, or a damaged one; choose another one.");
        browser.choose("#file", picture("large.png", 200, 200));
        browser.until("document.querySelector('#error').textContent.includes('10000 pixels')");
        browser.choose("#file", picture);
        browser.until(SHOWN);
        assertThat(browser.evaluate(COMPLAINS).getAsBoolean()).isFalse();
    }

    @Test
    void aBusyServerIsAskedOnceMore() throws Exception {
        browser.open(address(server));
        browser.prepare(429, "1", "{\"error\":\"Too many images wait.\"}");
        browser.choose("#file", picture);
        browser.until(
                "document.querySelector('#facts').textContent.includes('busy; trying again in 1 s')");
        browser.until(SHOWN);
        browser.prepare(503, "0", "{\"error\":\"The server is stopping.\"}");
        browser.prepare(503, "0", "{\"error\":\"The server is stopping.\"}");
        browser.choose("#file", picture);
        browser.until(COMPLAINS);
        assertThat(text("#error")).isEqualTo("The server is busy: The server is stopping.");
        browser.evaluate("document.querySelector('#again').click()");
        browser.until(SHOWN);
    }

    @Test
    void aServerThatCannotBeReachedIsToldAndAskedAgainOnRequest() throws Exception {
        browser.open(address(server));
        browser.prepareNobody();
        browser.choose("#file", picture);
        browser.until(COMPLAINS);
        assertThat(text("#error")).startsWith("The server cannot be reached");
        browser.evaluate("document.querySelector('#again').click()");
        browser.until(SHOWN);
    }

    @Test
    void aTokenIsAskedForAndAWrongOneTold() throws Exception {
        browser.open(address(guarded));
        browser.until("!document.querySelector('#login').hidden");
        browser.choose("#file", picture);
        enter("wrong");
        browser.until("document.querySelector('#error').textContent.includes('does not take')");
        enter("secret");
        browser.until(SHOWN);
        assertThat(browser.evaluate("localStorage.length + sessionStorage.length").getAsInt())
                .isZero();
    }

    @Test
    void theCameraTakesAPictureAndARefusedOneIsExplained() throws Exception {
        browser.open(address(server));
        browser.allowCamera(false);
        browser.evaluate("document.querySelector('#camera').click()");
        browser.until("document.querySelector('#error').textContent.includes('was refused')");
        browser.allowCamera(true);
        browser.evaluate("document.querySelector('#camera').click()");
        browser.until("document.querySelector('#live').videoWidth > 0");
        browser.prepare(
                200,
                "0",
                "{\"model\":\"a\",\"version\":\"b\",\"predictions\":[{\"className\":\"c\",\"probability\":1}],\"milliseconds\":1}");
        browser.evaluate("document.querySelector('#shutter').click()");
        browser.until(SHOWN);
        assertThat(browser.evaluate("document.querySelector('#live').srcObject").isJsonNull())
                .isTrue();
    }

    private static void enter(String token) throws Exception {
        browser.evaluate(
                "document.querySelector('#token').value = '%s'; document.querySelector('#login').requestSubmit()"
                        .formatted(token));
    }

    private static String text(String selector) throws Exception {
        return browser.evaluate("document.querySelector('" + selector + "').textContent")
                .getAsString();
    }

    /** Names and percentages on the page, and the length of each bar. */
    private static List<String> shown() throws Exception {
        List<String> lines = new ArrayList<>();
        for (JsonElement line :
                browser.evaluate(
                                "[...document.querySelectorAll('#predictions li')].map(x =>"
                                        + " [...x.querySelectorAll('span')].map(y => y.textContent).join(' ')"
                                        + " + ' ' + (parseFloat(x.querySelector('[role=meter] i').style.width) / 100).toFixed(4))")
                        .getAsJsonArray()) {
            lines.add(line.getAsString());
        }
        return lines;
    }

    private static List<String> told(Path image) throws Exception {
        HttpRequest request =
                HttpRequest.newBuilder(URI.create(address(server) + "predict/first?top_k=5"))
                        .POST(BodyPublishers.ofFile(image))
                        .build();
        String reply = HttpClient.newHttpClient().send(request, BodyHandlers.ofString()).body();
        JsonArray predictions =
                JsonParser.parseString(reply).getAsJsonObject().getAsJsonArray("predictions");
        List<String> lines = new ArrayList<>();
        for (JsonElement prediction : predictions) {
            double probability = prediction.getAsJsonObject().get("probability").getAsDouble();
            lines.add(
                    String.format(
                            Locale.ROOT,
                            "%s %.1f %% %.4f",
                            prediction.getAsJsonObject().get("className").getAsString(),
                            100 * probability,
                            probability));
        }
        return lines;
    }

    private static Path picture(String name, int width, int height) throws IOException {
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        for (int i = 0; i < width * height; i++) {
            image.setRGB(i % width, i / width, i * 2654435 & 0xffffff);
        }
        Path file = temporary.resolve(name);
        ImageIO.write(image, "png", file.toFile());
        return file;
    }

    private static String address(TestServer server) {
        return server.uri("/").toString();
    }
}
