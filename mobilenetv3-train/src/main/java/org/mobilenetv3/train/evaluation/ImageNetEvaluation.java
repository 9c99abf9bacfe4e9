package org.mobilenetv3.train.evaluation;

import ai.djl.util.JsonUtils;
import ai.djl.util.Utils;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.mobilenetv3.io.Checksums;
import org.mobilenetv3.pretrained.Pretrained;
import org.mobilenetv3.train.data.Batch;
import org.mobilenetv3.train.data.ImageStream;
import org.mobilenetv3.train.data.imagenet.Synsets;
import org.mobilenetv3.train.data.imagenet.ValidationImages;
import org.mobilenetv3.train.evaluation.Evaluation.Scoring;
import org.mobilenetv3.train.run.PredictionLog;
import org.mobilenetv3.train.run.PredictionLog.Line;
import org.mobilenetv3.train.run.Predictions.Prediction;
import org.mobilenetv3.train.run.ProgressLine;
import org.mobilenetv3.trained.FileKind;
import org.mobilenetv3.trained.ModelPackage;
import org.mobilenetv3.trained.NetDescription;
import org.mobilenetv3.trained.TrainedNet;

/**
 * Scores a net on ImageNet's validation images, which are read while the net computes, and goes on
 * where an earlier process stopped.
 */
public final class ImageNetEvaluation {

    private static final int TRIED = 100;

    private final TrainedNet net;
    private final NetDescription description;
    private final ValidationImages images;
    private final int batchSize;
    private final boolean flip;
    private final List<String> notes;

    /**
     * Prepares.
     *
     * @param net the net
     * @param path where it was opened from
     * @param images what it is scored on
     * @param batchSize files in a batch
     * @param flip whether to give the figures with flip averaging too
     * @param notes of the net, or null
     * @throws IOException if the net does not have ImageNet's classes
     */
    public ImageNetEvaluation(
            TrainedNet net,
            Path path,
            ValidationImages images,
            int batchSize,
            boolean flip,
            List<String> notes)
            throws IOException {
        this.net = net;
        this.description = net.description();
        this.images = images;
        this.batchSize = batchSize;
        this.flip = flip;
        this.notes = notes == null ? new ArrayList<>() : new ArrayList<>(notes);
        List<String> classes = description.classes();
        if (classes.size() != ValidationImages.CLASSES
                || description.preprocessing().channels() != 3) {
            throw new IOException(
                    String.format(
                            Locale.ROOT,
                            "ImageNet has %,d classes and images of 3 channels but %s knows %,d classes (%s ...) and takes %d.",
                            ValidationImages.CLASSES,
                            path,
                            classes.size(),
                            classes.get(0),
                            description.preprocessing().channels()));
        }
        if (!isImageNets(classes)) {
            note(
                    "The classes of %s are not called as ImageNet's (%s, %s ...), so these figures are right only if they are ImageNet's in its order."
                            .formatted(path, classes.get(0), classes.get(1)));
        }
        if (images.images().size() != ValidationImages.WHOLE) {
            note(
                    String.format(
                            Locale.ROOT,
                            "'%s' holds %,d images of %,d classes; the whole validation set has 50,000 of 1,000.",
                            images.root(),
                            images.images().size(),
                            images.classes()));
        }
        if (published().filter(p -> !p.input().equals(description.preprocessing())).isPresent()) {
            note(
                    "The published figure is for another input: %s."
                            .formatted(published().get().input().fit().describe()));
        }
    }

    private void note(String sentence) {
        notes.add(sentence);
        System.err.println("note: " + sentence);
    }

    /** By their ids, or by their names, which may be followed by further names. */
    private static boolean isImageNets(List<String> classes) throws IOException {
        List<String> names = NetDescription.imageNetClasses();
        return classes.equals(Synsets.ids())
                || IntStream.range(0, classes.size())
                        .allMatch(i -> (classes.get(i) + ",").startsWith(names.get(i) + ","));
    }

    /**
     * Says what is evaluated, how and on what, so that nothing else goes on with its predictions.
     *
     * @param path where the net was opened from
     * @param computing what its numbers depend on beside the weights
     * @return by name
     * @throws IOException if a file cannot be read
     */
    public Map<String, Object> identity(Path path, String computing) throws IOException {
        Map<String, Object> what = new LinkedHashMap<>();
        what.put(
                "weights",
                FileKind.of(path).isPackage()
                        ? ModelPackage.find(path).parametersSha256()
                        : Checksums.sha256(path));
        what.put("images", images.checksum());
        what.put("architecture", sum(description.architecture()));
        what.put("preprocessing", description.preprocessing());
        what.put("batch size", batchSize);
        what.put("test-time augmentation", flip ? "flip" : "none");
        what.put("computing", computing);
        what.put("version", Optional.ofNullable(version()).orElse("built from source"));
        return what;
    }

    private static String version() {
        return ImageNetEvaluation.class.getPackage().getImplementationVersion();
    }

    private static String sum(Object value) {
        byte[] json = JsonUtils.GSON.toJson(value).getBytes(StandardCharsets.UTF_8);
        return HexFormat.of().formatHex(Checksums.digest("SHA-256").digest(json));
    }

    /**
     * Scores the net. Progress, and what cannot be read, is told on standard error.
     *
     * @param identity of this evaluation
     * @param file where the predictions are kept, or null for a place of our own until the end
     * @param stop asked after each batch whether to stop
     * @return the result; nothing if it was stopped
     * @throws IOException if no image can be read, or the predictions cannot be kept
     */
    public Optional<EvaluationResult> run(
            Map<String, Object> identity, Path file, BooleanSupplier stop) throws IOException {
        Path kept = file;
        if (kept == null) {
            Path cache = Utils.getCacheDir().resolve("mobilenetv3").resolve("evaluations");
            kept = cache.resolve(sum(identity).substring(0, 16) + ".csv");
        }
        EvaluationResult result;
        int total = images.images().size();
        try (PredictionLog log = PredictionLog.open(kept, identity, flip, batchSize, total)) {
            result = score(log, stop);
        }
        if (result == null) {
            System.err.println(
                    "Interrupted; the same command goes on with the predictions in %s."
                            .formatted(kept));
        } else if (file == null) {
            Files.delete(kept);
        }
        return Optional.ofNullable(result);
    }

    /** Null if it was stopped. */
    private EvaluationResult score(PredictionLog log, BooleanSupplier stop) throws IOException {
        int total = images.images().size();
        Scoring scoring = new Scoring(net, ValidationImages.CLASSES, flip);
        List<String> unreadable = new ArrayList<>();
        for (Line line : log.earlier()) {
            if (line.plain() == null) {
                unreadable.add(line.name());
            } else {
                scoring.plain().add(line.plain());
                scoring.flipped().ifPresent(sum -> sum.add(line.flipped()));
            }
        }
        int first = log.earlier().size();
        if (first > 0) {
            tellOfEarlier(first, unreadable);
        }
        int done = first;
        long begin = System.nanoTime();
        try (ProgressLine progress =
                        new ProgressLine("evaluate", total, scoring.plain().score().images());
                ImageStream stream = stream(first, progress)) {
            while (stream.hasNext()) {
                if (stop.getAsBoolean()) {
                    return null;
                }
                int end = Math.min(total, done + batchSize);
                try (Batch batch = stream.next()) {
                    if (batch.size() > 0) {
                        scoring.add(batch);
                    }
                    List<Line> lines = lines(done, end, scoring, batch.size());
                    lines.stream()
                            .filter(line -> line.plain() == null)
                            .forEach(line -> unreadable.add(line.name()));
                    log.append(lines);
                }
                done = end;
                if (done >= Math.min(TRIED, total) && unreadable.size() == done) {
                    throw new IOException(
                            String.format(
                                    Locale.ROOT,
                                    "None of the first %,d images in '%s' can be read; is this the right folder?",
                                    done,
                                    images.root()));
                }
                progress.update(
                        scoring.plain().score(), timeLeft(begin, done - first, total - done));
            }
        }
        double seconds = (System.nanoTime() - begin) / 1e9;
        return result(
                scoring.evaluation(), done == first ? null : (done - first) / seconds, unreadable);
    }

    private ImageStream stream(int first, ProgressLine progress) {
        return new ImageStream(
                images.images(),
                first,
                description.preprocessing(),
                description.inputNormalization(),
                batchSize,
                Runtime.getRuntime().availableProcessors(),
                progress::message);
    }

    private static void tellOfEarlier(int count, List<String> unreadable) {
        System.err.printf(Locale.ROOT, "Going on after %,d images of an earlier process.%n", count);
        unreadable.forEach(name -> System.err.printf("It could not read '%s'.%n", name));
    }

    /** The lines of the images of a batch, some of which may not have been read. */
    private List<Line> lines(int begin, int end, Scoring scoring, int read) {
        List<Prediction> plain = scoring.plain().last(read);
        List<Prediction> flipped = scoring.flipped().map(sum -> sum.last(read)).orElse(null);
        List<Line> lines = new ArrayList<>();
        int next = 0;
        for (int i = begin; i < end; i++) {
            boolean there = next < read && plain.get(next).index() == i;
            lines.add(
                    new Line(
                            i,
                            images.images().get(i).label(),
                            there ? plain.get(next) : null,
                            there && flipped != null ? flipped.get(next) : null,
                            images.name(i)));
            next += there ? 1 : 0;
        }
        return lines;
    }

    private static Duration timeLeft(long begin, int done, int left) {
        double perImage = (System.nanoTime() - begin) / (double) done;
        return Duration.ofNanos(Math.round(perImage * left));
    }

    private EvaluationResult result(
            Evaluation evaluation, Double imagesPerSecond, List<String> unreadable) {
        return withPublished(
                EvaluationResult.of(
                                "imagenet",
                                "VALIDATION",
                                evaluation,
                                imagesPerSecond,
                                notes.isEmpty() ? null : notes)
                        .withUnreadable(unreadable));
    }

    /** Puts the figure beside it that was published for these weights, if one was. */
    private EvaluationResult withPublished(EvaluationResult result) {
        return published()
                .map(
                        one ->
                                result.withPublished(
                                        one.top1() / 100,
                                        one.top5() == null ? null : one.top5() / 100,
                                        one.source()))
                .orElse(result);
    }

    private Optional<Pretrained> published() {
        return description.provenance().get(NetDescription.PRETRAINED) instanceof String name
                ? Pretrained.find(name).filter(one -> one.top1() != null)
                : Optional.empty();
    }
}
