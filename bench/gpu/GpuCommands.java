import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import javax.imageio.ImageIO;
import org.mobilenetv3.cli.Main;
import org.mobilenetv3.detection.Box;
import org.mobilenetv3.image.Pixels;
import org.mobilenetv3.train.data.ImageSet;
import org.mobilenetv3.train.data.scene.LabeledBox;
import org.mobilenetv3.train.data.scene.Scene;
import org.mobilenetv3.train.data.scene.SceneSet;
import org.mobilenetv3.train.data.scene.ShapeScenes;
import org.mobilenetv3.train.data.source.SyntheticShapes;

/**
 * Whether the commands that learn give on a GPU what they give on the CPU: each is run on both, on
 * the same small files, and the losses it wrote are compared. Dropout is off, because a GPU draws
 * other numbers. One line a command; ends with 1 if one failed.
 *
 * <pre>java -cp ... GpuCommands --device gpu0|cpu</pre>
 */
class GpuCommands {

    private static final double ALLOWED = 0.02;
    private static final int SIDE = 64;
    private static final Pattern LOSS = Pattern.compile("\"loss\": *([-+.0-9eE]+)");

    private final PrintStream out = System.out;
    private final String device;
    private final Path work;
    private int failures;

    private GpuCommands(String device, Path work) {
        this.device = device;
        this.work = work;
    }

    public static void main(String[] args) throws Exception {
        if (args.length != 2 || !args[0].equals("--device")) {
            System.err.println("GpuCommands --device gpu0|cpu");
            System.exit(2);
        }
        GpuCommands commands =
                new GpuCommands(args[1], Files.createTempDirectory("gpu-commands"));
        commands.all();
        System.out.println(commands.failures == 0 ? "\nall held" : "\n" + commands.failures + " FAILED");
        System.exit(commands.failures == 0 ? 0 : 1);
    }

    private void all() throws IOException {
        String images = folder(SyntheticShapes.generate("shapes", 240, 7)).toString();
        String scenes = yolo(ShapeScenes.of(0, 60, SIDE, 7, false)).toString();
        List<String> own = List.of("--data", images, "--batch-size", "32");
        List<String> small = concat(own, "--dataset", "folder");
        compare("train", "metrics.csv", small, "train", "--dropout", "0", "--epochs", "2",
                "--mixup", "0.2", "--ema-decay", "0.9", "--clip-norm", "1", "--accumulate", "2");
        String trained = work.resolve("train-cpu/best").toString();
        compare("train with a teacher", "metrics.csv", small, "train", "--dropout", "0",
                "--epochs", "2", "--teacher", trained);
        compare("finetune, first the classifier alone", "metrics.csv", own, "finetune",
                "--weights", trained, "--epochs", "2", "--head-epochs", "1");
        compare("prune --steps", "steps/01.json", small, "prune", "--weights", trained, "--by",
                "taylor", "--macs", "4.8M", "--steps", "1");
        compare("search", "candidates.jsonl", small, "search", "--dropout", "0", "--width", "0.5",
                "--macs", "1.5M", "--epochs", "1", "--supernet-epochs", "1", "--tune-epochs", "1",
                "--candidates", "8");
        List<String> boxes = List.of("--data", scenes, "--batch-size", "8", "--epochs", "2",
                "--input-size", Integer.toString(SIDE));
        compare("train --task detect", "metrics.csv", boxes, "train", "--task", "detect",
                "--arch", "ssdlite320_small");
        compare("train --task segment", "metrics.csv", boxes, "train", "--task", "segment",
                "--arch", "lraspp_small", "--dropout", "0");
    }

    private void compare(String name, String result, List<String> data, String... command) {
        long start = System.nanoTime();
        String seen;
        boolean held = false;
        try {
            String directory = name.replaceAll("[^a-z]+", "-");
            List<Double> cpu = losses(run(directory + "-cpu", "cpu", data, command).resolve(result));
            List<Double> here =
                    losses(run(directory + "-device", device, data, command).resolve(result));
            double worst = cpu.size() == here.size() ? 0 : Double.POSITIVE_INFINITY;
            for (int i = 0; i < Math.min(cpu.size(), here.size()); i++) {
                worst = Math.max(worst, Math.abs(here.get(i) / cpu.get(i) - 1));
            }
            held = !cpu.isEmpty() && worst <= ALLOWED;
            seen = String.format(Locale.ROOT, "%.3g of %d losses", worst, cpu.size());
        } catch (IOException | RuntimeException | LinkageError e) {
            seen = String.valueOf(e).lines().findFirst().orElse("");
        }
        failures += held ? 0 : 1;
        out.printf(Locale.ROOT, "%-40s %-28s %s (%.1f s)%n", name, seen, held ? "ok" : "FAILED",
                (System.nanoTime() - start) / 1e9);
    }

    private static List<String> concat(List<String> some, String... more) {
        List<String> all = new ArrayList<>(some);
        Collections.addAll(all, more);
        return all;
    }

    private Path run(String name, String where, List<String> data, String... command) {
        Path directory = work.resolve(name);
        List<String> all = concat(List.of(command), data.toArray(String[]::new));
        Collections.addAll(all, "--seed", "1", "--out", directory.toString(), "--device", where);
        Said said = call(all.toArray(String[]::new));
        if (said.code() != 0) {
            String sentence =
                    said.error()
                            .lines()
                            .filter(line -> line.startsWith("mobilenetv3: "))
                            .reduce("", (a, b) -> b);
            throw new IllegalStateException("exit code " + said.code() + ", " + sentence);
        }
        return directory;
    }

    /** What a command said: its exit code, and all that it wrote. */
    record Said(int code, String output, String error) {}

    /** Runs a command in this process. */
    static Said call(String... words) {
        PrintStream output = System.out;
        PrintStream error = System.err;
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        ByteArrayOutputStream complained = new ByteArrayOutputStream();
        System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
        System.setErr(new PrintStream(complained, true, StandardCharsets.UTF_8));
        try {
            int code = Main.run(words);
            return new Said(
                    code,
                    printed.toString(StandardCharsets.UTF_8),
                    complained.toString(StandardCharsets.UTF_8));
        } finally {
            System.setOut(output);
            System.setErr(error);
        }
    }

    /** Of a table, the column train_loss; of JSON, the members loss. */
    private static List<Double> losses(Path file) throws IOException {
        if (!file.toString().endsWith(".csv")) {
            return LOSS.matcher(Files.readString(file))
                    .results()
                    .map(found -> Double.valueOf(found.group(1)))
                    .toList();
        }
        List<String> lines = Files.readAllLines(file);
        int column = List.of(lines.get(0).split(",")).indexOf("train_loss");
        return lines.stream().skip(1).map(l -> Double.valueOf(l.split(",")[column])).toList();
    }

    private Path folder(ImageSet set) throws IOException {
        Path folder = work.resolve("images");
        for (int i = 0; i < set.size(); i++) {
            Pixels pixels = new Pixels(set.images()[i], set.channels(), set.height(), set.width());
            Path of = Files.createDirectories(folder.resolve(set.classes().get(set.labels()[i])));
            ImageIO.write(pixels.toImage(), "png", of.resolve(i + ".png").toFile());
        }
        return folder;
    }

    /** Boxes are written as outlines, which both tasks learn from. */
    private Path yolo(SceneSet set) throws IOException {
        Path folder = work.resolve("scenes");
        Path images = Files.createDirectories(folder.resolve("images"));
        Path labels = Files.createDirectories(folder.resolve("labels"));
        Files.write(folder.resolve("classes.txt"), set.classes());
        for (int i = 0; i < set.size(); i++) {
            Scene scene = set.scene(i);
            ImageIO.write(scene.image().toImage(), "png", images.resolve(i + ".png").toFile());
            List<String> lines = new ArrayList<>();
            for (LabeledBox object : scene.boxes()) {
                Box b = object.box();
                double left = b.left() / SIDE;
                double top = b.top() / SIDE;
                double right = b.right() / SIDE;
                double bottom = b.bottom() / SIDE;
                lines.add(String.format(Locale.ROOT, "%d %.4f %.4f %.4f %.4f %.4f %.4f %.4f %.4f",
                        object.label(), left, top, right, top, right, bottom, left, bottom));
            }
            Files.write(labels.resolve(i + ".txt"), lines);
        }
        return folder;
    }
}
