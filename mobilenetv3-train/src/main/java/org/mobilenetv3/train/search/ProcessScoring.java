package org.mobilenetv3.train.search;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.function.BooleanSupplier;
import org.apache.commons.io.FileUtils;
import org.mobilenetv3.io.JsonFile;
import org.mobilenetv3.io.WholeFile;
import org.mobilenetv3.process.ChildProcess;
import org.mobilenetv3.process.ProcessPool;
import org.mobilenetv3.train.supernet.Candidate;

/**
 * Scores each candidate in a process of its own, on this host's cores or as a task of Spark's. What
 * they are told and answer is in {@code scoring} of the search's directory until a generation is
 * complete.
 */
final class ProcessScoring implements Scoring {

    private final Path search;
    private final ProcessPool.Place place;
    private final Path files;
    private boolean failed;

    /**
     * Prepares.
     *
     * @param search directory of the search, which all hosts see
     * @param place where processes run
     */
    ProcessScoring(Path search, ProcessPool.Place place) {
        this.search = search.toAbsolutePath();
        this.place = place;
        files = this.search.resolve("scoring");
    }

    @Override
    public List<Future<Scored>> begin(
            List<Candidate> generation, Evolution evolution, boolean random, BooleanSupplier stop)
            throws IOException {
        FileUtils.deleteDirectory(files.toFile()); // of another generation
        Files.createDirectories(files);
        List<ChildProcess> children = new ArrayList<>();
        for (int i = 0; i < generation.size(); i++) {
            Candidate candidate = generation.get(i);
            Scored order = new Scored(candidate, evolution.of(candidate), 0, 0, random, 0);
            WholeFile.write(file(i, "ordered"), JsonFile.GSON.toJson(order) + "\n");
            children.add(
                    ScoringProcess.of(
                            search, file(i, "ordered"), file(i, "scored"), file(i, "log")));
        }
        if (stop.getAsBoolean()) {
            return List.of(CompletableFuture.completedFuture(null));
        }
        List<Integer> codes = ProcessPool.find().run(children, place);
        List<Future<Scored>> scores = new ArrayList<>();
        for (int i = 0; i < codes.size(); i++) {
            if (codes.get(i) != 0) {
                if (stop.getAsBoolean()) {
                    return List.of(CompletableFuture.completedFuture(null));
                }
                failed = true;
                throw new IOException(
                        String.format(
                                Locale.ROOT,
                                "A candidate could not be scored: its process ended with exit code %d, see %s.",
                                codes.get(i),
                                file(i, "log")));
            }
            String answer = Files.readString(file(i, "scored"));
            scores.add(
                    CompletableFuture.completedFuture(
                            JsonFile.GSON.fromJson(answer, Scored.class)));
        }
        return scores;
    }

    private Path file(int candidate, String kind) {
        return files.resolve(candidate + "." + kind);
    }

    @Override
    public void close() {
        if (!failed) { // a log says why
            FileUtils.deleteQuietly(files.toFile());
        }
    }
}
