package org.mobilenetv3.train.command;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import javax.imageio.ImageIO;
import org.mobilenetv3.Task;
import org.mobilenetv3.drawing.Fonts;
import org.mobilenetv3.image.Normalization;
import org.mobilenetv3.preprocessing.Fit;
import org.mobilenetv3.train.data.ImageSet;
import org.mobilenetv3.train.data.scene.SceneSet;
import org.mobilenetv3.train.data.scene.augment.SceneAugmentation;
import org.mobilenetv3.train.data.scene.augment.SceneRenderer;
import org.mobilenetv3.train.data.source.Datasets;
import org.mobilenetv3.train.preview.AugmentedImages;
import org.mobilenetv3.train.preview.AugmentedScenes;
import org.mobilenetv3.train.preview.ContactSheet;
import org.mobilenetv3.train.recipe.Recipe;
import org.mobilenetv3.train.recipe.RecipeKey;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Draws training images and what augmentation makes of them; needs no engine. */
@Command(
        name = "preview",
        description =
                "Draw some training images, and each as the net sees it in nine epochs, into one"
                        + " PNG; for --task detect or segment with their boxes or masks.",
        footer = {
            "%nExamples:",
            "  mobilenetv3 preview --dataset shapes",
            "  mobilenetv3 preview --dataset fashion-mnist --recipe quick --out quick.png",
            "  mobilenetv3 preview --task detect --dataset shapes --data-augmentation ssd"
        })
final class PreviewCommand implements Callable<Integer> {
    private static final byte[] PNG = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};
    private static final Set<RecipeKey> AUGMENTATION =
            EnumSet.range(RecipeKey.NORMALIZE, RecipeKey.CUTMIX);
    private static final int EPOCHS = 9;
    private static final int MAX_ROWS = 100;

    @Mixin private DataOptions data;
    @Mixin private InputOptions input;
    @Mixin private RecipeOptions recipe = new RecipeOptions(AUGMENTATION);

    @Option(
            names = "--task",
            paramLabel = "TASK",
            description = "classify, detect or segment (default: ${DEFAULT-VALUE}).",
            defaultValue = "classify")
    private Task task;

    @Option(
            names = {"--arch", "--model"},
            paramLabel = "NAME",
            description = "The net whose lines of the recipe apply (default: the recipe's).")
    private String arch;

    @Option(
            names = "--rows",
            paramLabel = "N",
            description = "How many images (default: ${DEFAULT-VALUE}).",
            defaultValue = "8")
    private int rows;

    @Option(
            names = "--seed",
            paramLabel = "N",
            description = "Seed of all that is random (default: ${DEFAULT-VALUE}).",
            defaultValue = "1")
    private long seed;

    @Option(
            names = "--out",
            paramLabel = "FILE",
            description = "The PNG, replaced if there (default: ${DEFAULT-VALUE}).",
            defaultValue = "preview.png")
    private Path out;

    @Override
    public Integer call() throws IOException {
        if (rows < 1 || rows > MAX_ROWS) {
            throw new IllegalArgumentException(
                    String.format(
                            Locale.ROOT, "--rows is %d; give 1 to %d images.", rows, MAX_ROWS));
        }
        requireWritable(out);
        System.setProperty(
                "java.awt.headless", "true"); // or a DISPLAY without a server is an error
        String summary = task == Task.CLASSIFY ? drawImages() : drawScenes();
        System.out.printf(
                "%s: %s%s%n",
                out,
                summary,
                Fonts.available() ? "" : " (without captions: Java finds no fonts here)");
        return 0;
    }

    private String drawImages() throws IOException {
        ImageSet set = data.load(data.dataset(), data.data(), input.size(), seed).train();
        Recipe chosen = recipe.choose(arch, set.name());
        Normalization normalization =
                chosen.is(RecipeKey.NORMALIZE)
                        ? Datasets.normalization(set)
                        : Normalization.unit(set.channels());
        AugmentedImages images =
                new AugmentedImages(set, normalization, chosen.augmentation(), seed);
        String augmentation = chosen.augmentation().describe();
        String title = "%s, recipe %s: %s".formatted(set.name(), chosen.name(), augmentation);
        write(new ContactSheet(title, columns(), images.rows(rows, EPOCHS)));
        return String.format(
                Locale.ROOT,
                "%d images of %s, augmentation: %s",
                Math.min(rows, set.size()),
                set.name(),
                augmentation);
    }

    private String drawScenes() throws IOException {
        boolean masks = task == Task.SEGMENT;
        SceneRun.requireScenes(task, data);
        SceneSet set = DataOptions.scenes(task, data.data(), seed).train();
        Recipe chosen = recipe.choose(arch, set.name(), SceneRun.recipe(task));
        SceneAugmentation augmentation = chosen.sceneAugmentation();
        Fit fit = input.size() == null ? SceneRun.fit(task, set) : input.size();
        int height = fit.height();
        int width = fit.width();
        Normalization unit = Normalization.unit(3);
        SceneRenderer renderer =
                masks
                        ? SceneRenderer.ofMasks(augmentation, unit, height, width)
                        : SceneRenderer.ofBoxes(augmentation, unit, height, width);
        AugmentedScenes scenes = new AugmentedScenes(set, renderer, masks, seed);
        String title = "%s, %s: %s".formatted(set.name(), task, augmentation.describe());
        write(new ContactSheet(title, columns(), scenes.rows(rows, EPOCHS)));
        return String.format(
                Locale.ROOT,
                "%d scenes of %s, augmentation: %s",
                Math.min(rows, set.size()),
                set.name(),
                augmentation.describe());
    }

    private static List<String> columns() {
        List<String> columns = new ArrayList<>(List.of("original"));
        for (int epoch = 1; epoch <= EPOCHS; epoch++) {
            columns.add("epoch " + epoch);
        }
        return columns;
    }

    private static void requireWritable(Path file) throws IOException {
        Path directory = file.toAbsolutePath().getParent();
        if (directory == null || Files.isDirectory(file)) {
            throw new IllegalArgumentException(
                    "--out is the directory '%s'; give a file.".formatted(file));
        }
        if (!Files.isDirectory(directory)) {
            throw new IllegalArgumentException(
                    "--out is in '%s', which is not a directory; create it first."
                            .formatted(directory));
        }
        if (Files.exists(file)) {
            try (InputStream stream = Files.newInputStream(file)) {
                if (!Arrays.equals(stream.readNBytes(PNG.length), PNG)) {
                    throw new IllegalArgumentException(
                            "'%s' exists and is not a PNG; give another --out.".formatted(file));
                }
            }
        }
    }

    private void write(ContactSheet sheet) throws IOException {
        ByteArrayOutputStream png = new ByteArrayOutputStream();
        ImageIO.write(sheet.draw(), "png", png);
        try {
            Files.write(out, png.toByteArray());
        } catch (IOException e) {
            throw new IOException("Cannot write '%s' (%s).".formatted(out, e), e);
        }
    }
}
