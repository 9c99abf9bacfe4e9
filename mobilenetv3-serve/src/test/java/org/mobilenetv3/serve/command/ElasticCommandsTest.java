package org.mobilenetv3.serve.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mobilenetv3.serve.command.CommandLineRun.assertFails;
import static org.mobilenetv3.serve.command.CommandLineRun.run;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mobilenetv3.serve.ElasticTestPackage;

class ElasticCommandsTest {

    @TempDir private Path temporary;
    private Path elastic;
    private Path photo;

    @BeforeEach
    void save() throws IOException {
        elastic = ElasticTestPackage.save(temporary.resolve("elastic"));
        photo = photo("photo.png", 40);
    }

    private Path photo(String name, int side) throws IOException {
        Path file = temporary.resolve(name);
        BufferedImage image = new BufferedImage(side + 7, side, BufferedImage.TYPE_INT_RGB);
        for (int i = 0; i < side * side; i++) {
            image.setRGB(i % side, i / side, i * 37);
        }
        ImageIO.write(image, "png", file.toFile());
        return file;
    }

    private static JsonArray predict(String... args) {
        String[] all = new String[args.length + 3];
        System.arraycopy(args, 0, all, 3, args.length);
        all[0] = "predict";
        all[1] = "--json";
        all[2] = "--logits";
        CommandLineRun run = run(all);
        assertThat(run.code()).as(run.err()).isZero();
        return JsonParser.parseString(run.out()).getAsJsonArray();
    }

    private static String logits(String... args) {
        return predict(args).get(0).getAsJsonObject().get("logits").toString();
    }

    @ParameterizedTest
    @ValueSource(strings = {"vector", "torch"})
    void aSubnetIsChosenByNameAndAnswersAsItDoesAlone(String engine) throws IOException {
        String whole = logits("--weights=" + elastic, "--engine=" + engine, "" + photo);
        for (String name : new String[] {"half", "quarter"}) {
            Path alone = ElasticTestPackage.alone(elastic, name, temporary.resolve(name));
            String expected = logits("--weights=" + alone, "--engine=" + engine, "" + photo);
            assertThat(expected).isNotEqualTo(whole);
            String weights = "--weights=" + elastic;
            assertThat(logits(weights, "--subnet=" + name, "--engine=" + engine, "" + photo))
                    .isEqualTo(expected);
            Path within = elastic.resolve("subnets").resolve(name);
            assertThat(logits("--weights=" + within, "--engine=" + engine, "" + photo))
                    .isEqualTo(expected);
        }
        assertThat(
                        logits(
                                "--weights=" + elastic,
                                "--subnet=whole",
                                "--engine=" + engine,
                                "" + photo))
                .isEqualTo(whole);
    }

    @Test
    void aWrongNameListsTheRightOnes() throws IOException {
        assertFails(
                run("predict", "--weights=" + elastic, "--subnet=none", "" + photo),
                2,
                "has no subnet 'none'; it has quarter (");
        Path plain = ElasticTestPackage.alone(elastic, "half", temporary.resolve("plain"));
        assertFails(
                run("predict", "--weights=" + plain, "--subnet=half", "" + photo),
                2,
                "has no subnets, so --subnet has nothing to choose; leave it out.");
        assertFails(
                run("predict", "--weights=" + plain, "--budget-ms=5", "" + photo),
                2,
                "has no subnets, so --budget-ms has nothing to choose; leave it out.");
        assertFails(run("predict", "--subnet=half", "" + photo), 2, "add --weights");
    }

    @Test
    void theMostAccurateNetThatIsFastEnoughIsTakenAndTold() {
        CommandLineRun enough =
                run("predict", "--weights=" + elastic, "--budget-ms=60000", "--json", "" + photo);
        assertThat(enough.code()).isZero();
        assertThat(enough.err())
                .containsPattern(
                        "subnet half: \\d+\\.\\d\\d ms of 60000, validation top-1 90\\.0 %");
        assertThat(logits("--weights=" + elastic, "--budget-ms=60000", "" + photo))
                .isEqualTo(logits("--weights=" + elastic, "--subnet=half", "" + photo));
        assertFails(
                run("predict", "--weights=" + elastic, "--budget-ms=1e-9", "" + photo),
                1,
                "No net of "
                        + elastic
                        + " takes at most 1.0E-9 ms for one image here: the fastest");
        assertFails(
                run("predict", "--weights=" + elastic, "--budget-ms=0", "" + photo),
                2,
                "--budget-ms is 0.0 but must be more than 0.");
    }

    @Test
    void eachImageIsPredictedByTheNetOfItsSize() throws IOException {
        Path mixed = ElasticTestPackage.save(temporary.resolve("mixed"), 48);
        Path large = photo("large.png", 50);
        Path tiny = photo("tiny.png", 20);
        JsonArray all =
                predict("--weights=" + mixed, "--subnet=auto", "" + photo, "" + large, "" + tiny);
        String[] expected = {"half", "quarter", "half"};
        for (int i = 0; i < expected.length; i++) {
            JsonObject one = all.get(i).getAsJsonObject();
            assertThat(one.get("subnet").getAsString()).isEqualTo(expected[i]);
            assertThat(one.get("logits").toString())
                    .isEqualTo(
                            logits(
                                    "--weights=" + mixed,
                                    "--subnet=" + expected[i],
                                    one.get("file").getAsString()));
        }
        assertThat(run("predict", "--weights=" + mixed, "--subnet=auto", "" + large).out())
                .contains("large.png (subnet quarter)");
        Path plain = ElasticTestPackage.alone(elastic, "half", temporary.resolve("plain"));
        assertFails(
                run("predict", "--weights=" + plain, "--subnet=auto", "" + photo),
                2,
                "has no subnets, so --subnet auto has nothing to choose");
    }

    @Test
    void summaryListsTheSubnetsAndShowsOne() {
        CommandLineRun whole = run("summary", "--weights=" + elastic);
        assertThat(whole.out())
                .contains("validation top-1")
                .containsPattern("half +32 +[\\d,]+ +90\\.0 %");
        JsonObject json =
                JsonParser.parseString(run("summary", "--weights=" + elastic, "--json").out())
                        .getAsJsonObject();
        assertThat(json.getAsJsonArray("nets")).hasSize(3);
        JsonObject half =
                JsonParser.parseString(
                                run("summary", "--weights=" + elastic, "--subnet=half", "--json")
                                        .out())
                        .getAsJsonObject();
        assertThat(half.has("nets")).isFalse();
        assertThat(half.get("multiplyAdds"))
                .isEqualTo(
                        json.getAsJsonArray("nets").get(1).getAsJsonObject().get("multiplyAdds"));
    }

    @Test
    void convertAndExportWriteASubnetButNotOverItsPackage() throws IOException {
        Path made = temporary.resolve("made");
        CommandLineRun run = run("convert", "" + elastic, "" + made, "--subnet=half");
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(logits("--weights=" + made, "" + photo))
                .isEqualTo(logits("--weights=" + elastic, "--subnet=half", "" + photo));
        assertFails(
                run("convert", "" + elastic, "" + elastic, "--subnet=half"),
                2,
                "would be written over itself");
        CommandLineRun export = run("export", "--weights=" + elastic, "--subnet=half");
        assertThat(export.code()).as(export.err()).isZero();
        assertThat(Files.isRegularFile(temporary.resolve("elastic-half.onnx"))).isTrue();
    }

    @Test
    void serveRefusesWhatDoesNotGoTogether() {
        String weights = "--weights=" + elastic;
        assertFails(
                run("serve", weights, "--port=0", "--degrade-ms=5"),
                2,
                "--degrade-ms goes with --degrade");
        assertFails(
                run("serve", weights, "--port=0", "--degrade", "--subnet=half"),
                2,
                "--degrade begins with the largest net");
        assertFails(run("serve", weights, "--port=0", "--degrade=none"), 2, "has no subnet 'none'");
        assertFails(
                run("serve", weights, "--weights=b=" + elastic, "--port=0", "--subnet=half"),
                2,
                "are for one model");
        assertFails(
                run("serve", weights, "--port=0", "--degrade", "--degrade-ms=0"),
                2,
                "--degrade-ms is 0 but must be at least 1.");
    }
}
