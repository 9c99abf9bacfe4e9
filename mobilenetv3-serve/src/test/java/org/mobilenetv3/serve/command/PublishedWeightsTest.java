package org.mobilenetv3.serve.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mobilenetv3.serve.command.CommandLineRun.assertFails;
import static org.mobilenetv3.serve.command.CommandLineRun.run;

import ai.djl.util.Utils;
import com.google.gson.JsonArray;
import com.google.gson.JsonParser;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mobilenetv3.serve.TestPackage;

/** Commands that are given a name of weights, from a registry whose files lie here. */
class PublishedWeightsTest {

    private static final String REGISTRY = "MOBILENETV3_REGISTRY";

    @TempDir private Path temporary;
    private Path photo;
    private Path weights;

    /** What is noted of these files is for these tests; libtorch stays where it is. */
    @BeforeEach
    void register() throws IOException {
        System.setProperty("ENGINE_CACHE_DIR", Utils.getEngineCacheDir().toString());
        System.setProperty("DJL_CACHE_DIR", temporary.resolve("cache").toString());
        photo = temporary.resolve("photo.png");
        ImageIO.write(new BufferedImage(40, 30, BufferedImage.TYPE_INT_RGB), "png", photo.toFile());
        Path model = TestPackage.save(temporary.resolve("model"), 3);
        weights = temporary.resolve("animals.safetensors");
        assertThat(run("convert", "" + model, "" + weights).code()).isZero();
        String record =
                """
                {"name": "%s", "aliases": ["%s"], "task": "%s",
                 "architecture": "mobilenet_v3_small", "parameters": %s, "classes": 3,
                 "input": {"size": 32, "resize": 32,
                   "normalization": {"mean": [0, 0, 0], "std": [1, 1, 1]}},
                 "files": [{"address": "%s"}], "source": "these tests", "license": "MIT"}
                """;
        long parameters = Files.size(weights) / 5;
        Path registry = temporary.resolve("registry.json");
        Files.writeString(
                registry,
                "{\"form\": 1, \"models\": [%s, %s, %s]}"
                        .formatted(
                                record.formatted(
                                        "mine/animals",
                                        "animals",
                                        "classification",
                                        parameters,
                                        weights.toUri()),
                                record.formatted(
                                        "torchvision/mobilenet_v3_large.imagenet1k_v2",
                                        "large",
                                        "classification",
                                        parameters,
                                        weights.toUri()),
                                record.replace(
                                                "mobilenet_v3_small",
                                                "fasterrcnn_mobilenet_v3_large_fpn")
                                        .formatted(
                                                "mine/boxes",
                                                "boxes",
                                                "detection",
                                                parameters,
                                                weights.toUri())));
        System.setProperty(REGISTRY, registry.toString());
    }

    @AfterEach
    void forget() {
        System.clearProperty(REGISTRY);
        System.clearProperty("DJL_CACHE_DIR");
        System.clearProperty("ENGINE_CACHE_DIR");
    }

    @Test
    void predictTakesANameAndWithoutWeightsSaysWhatItTakes() {
        CommandLineRun named = run("predict", "--weights=Animals", "" + photo);
        assertThat(named.code()).as(named.err()).isZero();
        assertThat(named.out()).contains("dog");
        assertThat(named.err()).isEmpty();
        CommandLineRun without = run("predict", "" + photo);
        assertThat(without.code()).as(without.err()).isZero();
        assertThat(without.out()).isEqualTo(named.out());
        assertThat(without.err())
                .startsWith("Without --weights this is large, torchvision/mobilenet_v3_large");
    }

    @Test
    void convertExportAndModelsGetTakeANameToo() {
        Path to = temporary.resolve("copy.onnx");
        assertThat(run("convert", "animals", "" + to).code()).isZero();
        assertThat(to).isRegularFile();
        Path exported = temporary.resolve("exported.onnx");
        assertThat(run("export", "--weights=animals", "--out=" + exported).code()).isZero();
        assertThat(exported).isRegularFile();
        CommandLineRun got = run("models", "get", "animals", "mine/animals");
        assertThat(got.code()).as(got.err()).isZero();
        assertThat(got.out().lines()).containsExactly("" + weights, "" + weights);
    }

    @Test
    void modelsListsAndDescribes() {
        assertThat(run("models").out())
                .contains("mine/animals (animals)", "timm/mobilenetv3_small_100.lamb_in1k")
                .contains("216.6 M", "non-commercial");
        assertThat(run("models", "animals").out())
                .contains(
                        "mine/animals", "these tests", "MIT", "32", "not published", "" + weights);
        assertThat(run("models", "boxes").out()).contains("detection, which this version does not");
        JsonArray all = JsonParser.parseString(run("models", "--json").out()).getAsJsonArray();
        assertThat(all.size()).isGreaterThan(30);
        assertThat(all.get(0).getAsJsonObject().get("path").getAsString()).isEqualTo("" + weights);
    }

    @Test
    void whatIsNotKnownOrNotForClassesIsOneSentence() {
        assertFails(run("predict", "--weights=animal", "" + photo), 1, "(there is mine/animals)");
        assertFails(
                run("predict", "--weights=boxes", "" + photo),
                1,
                "mine/boxes is for detection with fasterrcnn_mobilenet_v3_large_fpn, which");
        assertFails(run("models", "animal"), 2, "There are no published weights called animal");
        assertFails(run("models", "get", "hf:nobody"), 2, "hf:OWNER/NAME");
        assertFails(run("serve", "--weights=a b=animals"), 2, "'a b' cannot name a model");
    }

    @Test
    void completionKnowsCommandsAndNames() {
        assertThat(run("completion").out())
                .startsWith("#!/usr/bin/env bash")
                .contains("predict", "export", "--weights", "mine/animals");
    }
}
