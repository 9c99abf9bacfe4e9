package org.mobilenetv3.train.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mobilenetv3.drawing.Fonts;
import org.mobilenetv3.train.run.Predictions;
import org.mobilenetv3.train.run.RunResult;
import org.w3c.dom.Document;
import org.w3c.dom.Element;

class RunReportTest {

    @BeforeAll
    static void fonts() {
        assumeTrue(Fonts.available(), "Java finds no fonts here");
    }

    private static final List<String> CLASSES = List.of("a<b>&c", "\"quoted\"", "plain");

    @TempDir private Path run;

    @Test
    void aFinishedRunIsOneSelfContainedPage() throws IOException {
        Document page = write(TestRuns.report("my run", 5, Optional.of(test(CLASSES, 24, 30))));
        Pages.requireSelfContained(page);
        assertThat(Pages.texts(page, "h1")).containsExactly("my run");
        assertThat(Pages.texts(page, "h2"))
                .contains("Curves", "Confusion matrix", "Classes", "Worst mistakes", "Machine");
        assertThat(Pages.texts(page, "dd"))
                .contains("80.00 %", "95 % interval 62.69–90.49 %, 30 images", "1 min 5 s")
                .contains("abacus", "0.02");
        assertThat(Pages.elements(page, "svg")).hasSize(4);
    }

    @Test
    void namesAreEscapedWhereverTheyStand() throws IOException {
        Path page =
                TestRuns.report("<script>alert(1)</script>", 2, Optional.of(test(CLASSES, 24, 30)))
                        .write(run);
        assertThat(page)
                .content()
                .doesNotContain("<script")
                .doesNotContain("<b>&c")
                .contains("a&lt;b&gt;&amp;c");
        Document parsed = Pages.parse(page);
        assertThat(Pages.texts(parsed, "h1")).containsExactly("<script>alert(1)</script>");
        assertThat(Pages.elements(parsed, "img"))
                .extracting(e -> e.getAttribute("alt"))
                .contains("\"quoted\" predicted as plain");
    }

    @Test
    void theWorstMistakesComeFirstWithTheirPictures() throws IOException {
        Document page = write(TestRuns.report("run", 2, Optional.of(test(CLASSES, 24, 30))));
        List<String> numbers =
                Pages.texts(page, "small").stream().filter(t -> t.startsWith("test")).toList();
        assertThat(numbers)
                .containsExactlyElementsOf(
                        IntStream.of(29, 28, 27, 26, 25, 24)
                                .mapToObj(i -> "test image " + i)
                                .toList());
        assertThat(Pages.elements(page, "img")).hasSize(6);
    }

    @Test
    void aRunWithoutMistakesSaysSo() throws IOException {
        Document page = write(TestRuns.report("run", 2, Optional.of(test(CLASSES, 30, 30))));
        assertThat(Pages.texts(page, "p"))
                .contains(
                        "Every test image was classified correctly.",
                        "No image was misclassified.");
    }

    @Test
    void anInterruptedRunShowsItsCurvesAndSaysThatThereIsNoTest() throws IOException {
        Document page = write(TestRuns.report("run", 1, Optional.empty()));
        Pages.requireSelfContained(page);
        assertThat(Pages.texts(page, "p").get(1))
                .startsWith("1 of 5 epochs are done. No test results yet");
        assertThat(Pages.elements(page, "svg")).hasSize(4);
        assertThat(Pages.texts(page, "h2")).doesNotContain("Confusion matrix", "Worst mistakes");
        assertThat(run.resolve("figures/confusion.png")).doesNotExist();
    }

    @Test
    void figuresAreFilesTooAndNothingElseIsLeftBehind() throws IOException {
        TestRuns.report("run", 1, Optional.empty()).write(run);
        TestRuns.report("run", 5, Optional.of(test(CLASSES, 24, 30))).write(run);
        try (Stream<Path> files = Files.walk(run)) {
            assertThat(files.filter(Files::isRegularFile).map(f -> run.relativize(f).toString()))
                    .contains("report.html", "figures/confusion.svg", "figures/throughput.svg")
                    .hasSize(11)
                    .noneMatch(name -> name.endsWith(".new"));
        }
        for (String name : List.of("loss", "top1", "learning-rate", "throughput", "confusion")) {
            assertThat(ImageIO.read(run.resolve("figures/" + name + ".png").toFile()).getWidth())
                    .isGreaterThan(1000);
            assertThat(run.resolve("figures/" + name + ".svg")).content().contains("<svg");
        }
    }

    @Test
    void aHundredClassesAreAHeatMapWithTheConfusedPairs() throws IOException {
        List<String> classes = IntStream.range(0, 100).mapToObj(i -> "class " + i).toList();
        Document page = write(TestRuns.report("run", 2, Optional.of(test(classes, 900, 1000))));
        List<Element> svg = Pages.elements(page, "svg");
        assertThat(svg).hasSize(5);
        assertThat(svg.get(4).getAttribute("viewBox")).isEqualTo("0 0 100 100");
        assertThat(Pages.texts(page, "summary")).contains("All 100 classes");
    }

    @Test
    void stylesAreWrittenWithAPointInAnyLanguage() throws IOException {
        Locale before = Locale.getDefault(Locale.Category.FORMAT);
        try {
            Locale.setDefault(Locale.Category.FORMAT, Locale.GERMANY);
            Path page = TestRuns.report("run", 1, Optional.of(test(CLASSES, 24, 30))).write(run);
            assertThat(page).content().contains("--a:0.80").doesNotContain("--a:0,");
        } finally {
            Locale.setDefault(Locale.Category.FORMAT, before);
        }
    }

    @Test
    void aReportNeedsAnEpoch() {
        assertThatThrownBy(() -> TestRuns.report("run", 0, Optional.empty()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'run' has no whole epoch to report");
    }

    private Document write(RunReport report) throws IOException {
        return Pages.parse(report.write(run));
    }

    private static ClassSection test(List<String> classes, int right, int images) {
        Predictions predictions = TestRuns.predictions(classes.size(), right, images);
        return new ClassSection(
                RunResult.of(2, predictions, 1, 65), predictions, TestRuns.images(classes, images));
    }
}
