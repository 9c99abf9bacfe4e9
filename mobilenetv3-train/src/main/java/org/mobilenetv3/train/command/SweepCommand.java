package org.mobilenetv3.train.command;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import org.mobilenetv3.cli.ConsoleProgress;
import org.mobilenetv3.download.Environment;
import org.mobilenetv3.process.ChildProcess;
import org.mobilenetv3.process.ProcessPool;
import org.mobilenetv3.train.report.comparison.Comparison;
import org.mobilenetv3.train.sweep.SweepDirectory;
import org.mobilenetv3.train.sweep.SweepProcess;
import org.mobilenetv3.train.sweep.SweepRun;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Unmatched;

/** Trains a net by several recipes and with several seeds, each run in a process of its own. */
@Command(
        name = "sweep",
        customSynopsis = "mobilenetv3 sweep --recipe=A,B --seeds=1-5 --out=DIR [options of train]",
        description =
                "Train by several recipes and seeds, on the cores of this host or on Spark, and compare"
                        + " the runs. Run again after it was stopped, it does what is left.",
        footer = {
            "%nExamples:",
            "  mobilenetv3 sweep --recipe quick,article --seeds 1-5 --out runs/recipes --dataset fashion-mnist",
            "  mobilenetv3 sweep --recipe quick --seeds 1-20 --out /shared/seeds --dataset folder --data /shared/photos --master spark://HOST:7077"
        })
final class SweepCommand implements Callable<Integer> {

    private static final long LOOK_MILLIS = 500;

    /** What sweep itself decides, or has no use for. */
    private static final Set<String> OWN = Set.of("--seed", "--resume", "--json");

    /** What may name a file, which must be found from anywhere. */
    private static final Set<String> FILES = Set.of("--data", "--weights", "--teacher", "--arch");

    @Option(
            names = "--recipe",
            required = true,
            split = ",",
            paramLabel = "NAME|FILE",
            description = "Recipes of train, with commas between.")
    private List<String> recipes;

    @Option(
            names = "--seeds",
            required = true,
            paramLabel = "N",
            description = "Seeds, such as 1-5 or 1,3,7-9.")
    private String seeds;

    @Option(
            names = "--out",
            required = true,
            paramLabel = "DIR",
            description =
                    "Where the runs are written, RECIPE-SEED each; new, or of the same sweep before. All"
                            + " hosts see it under this path.")
    private Path out;

    @Option(
            names = "--threads",
            paramLabel = "N",
            description =
                    "Threads of a run; as many runs are done at a time as the cores allow (default:"
                            + " ${DEFAULT-VALUE}).",
            defaultValue = "1")
    private int threads;

    @Option(
            names = "--master",
            paramLabel = "URL",
            description =
                    "local[N], N cores of this host, or a cluster of Spark's (default:"
                            + " ${DEFAULT-VALUE}, all cores).",
            defaultValue = "local[*]")
    private String master;

    @Option(
            names = "--conf",
            paramLabel = "KEY=VALUE",
            description = "A setting of Spark's; may be repeated.")
    private Map<String, String> conf = new LinkedHashMap<>();

    @Unmatched private List<String> more = new ArrayList<>();

    private SweepDirectory directory;
    private final List<String> options = new ArrayList<>();
    private final List<String> resuming = new ArrayList<>();

    @Override
    @SuppressWarnings("try") // the lock is only held
    public Integer call() throws IOException {
        if (threads < 1) {
            throw new IllegalArgumentException(
                    "--threads is " + threads + " but must be at least 1.");
        }
        ProcessPool pool = ProcessPool.find();
        ProcessPool.Place place = new ProcessPool.Place(master, conf, threads);
        pool.check(place);
        directory = new SweepDirectory(out.toAbsolutePath().normalize());
        List<SweepRun> runs =
                SweepRun.all(recipes.stream().map(SweepCommand::found).toList(), seeds);
        readOptions();
        List<SweepRun> left = runs.stream().filter(run -> !directory.isDone(run.name())).toList();
        check(left);
        try (Closeable lock = directory.begin(runs, options)) {
            int failed = left.isEmpty() ? 0 : train(left, pool, place);
            System.err.printf(
                    "%d runs: %d done now, %d before, %d failed%n",
                    runs.size(), left.size() - failed, runs.size() - left.size(), failed);
            compare(runs);
            return failed == 0 ? 0 : 1;
        }
    }

    /** The absolute path of a file that is there, and otherwise the name. */
    private static String found(String name) {
        return Files.exists(Path.of(name)) ? Path.of(name).toAbsolutePath().toString() : name;
    }

    private void readOptions() {
        options.add("--threads=" + threads);
        for (OptionSpec option : parsed(more).getParseResult().matchedOptions()) {
            String name = option.longestName();
            if (OWN.contains(name)) {
                throw new IllegalArgumentException(
                        "%s is not for sweeps; each run has a seed of --seeds, and sweep run again resumes."
                                .formatted(name));
            }
            for (String value : option.originalStringValues()) {
                (RunOptions.RESUMING.contains(name) ? resuming : options)
                        .add(name + "=" + (FILES.contains(name) ? found(value) : value));
            }
        }
    }

    private static CommandLine parsed(List<String> words) {
        CommandLine train = new CommandLine(new TrainCommand());
        train.setCaseInsensitiveEnumValuesAllowed(true).setExpandAtFiles(false);
        train.parseArgs(words.toArray(String[]::new));
        return train;
    }

    /** Refuses what no run could begin with; data that must be fetched are fetched here. */
    private void check(List<SweepRun> runs) throws IOException {
        for (String recipe : new LinkedHashSet<>(runs.stream().map(SweepRun::recipe).toList())) {
            List<String> words = new ArrayList<>(options);
            words.addAll(resuming);
            words.add("--recipe=" + recipe);
            parsed(words).<TrainCommand>getCommand().check();
        }
    }

    /** Does runs side by side; returns how many failed. */
    private int train(List<SweepRun> runs, ProcessPool pool, ProcessPool.Place place)
            throws IOException {
        if (Environment.system().isOffline()) {
            resuming.add("--offline");
        }
        List<ChildProcess> children =
                runs.stream()
                        .map(run -> SweepProcess.of(directory, run, options, resuming))
                        .toList();
        Thread watch = new Thread(() -> watch(runs), "sweep-progress");
        watch.setDaemon(true);
        watch.start();
        List<Integer> codes;
        try {
            codes = pool.run(children, place);
        } finally {
            watch.interrupt();
            join(watch);
        }
        int failed = 0;
        for (int i = 0; i < codes.size(); i++) {
            String run = runs.get(i).name();
            if (!directory.isDone(run)) {
                failed++;
                System.err.printf("%s failed: %s%n", run, directory.failure(run, codes.get(i)));
            }
        }
        return failed;
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Tells of runs as they end, on whatever host. */
    private void watch(List<SweepRun> runs) {
        List<SweepRun> left = new ArrayList<>(runs);
        boolean over = false;
        try (ConsoleProgress progress = new ConsoleProgress()) {
            while (!over) {
                try {
                    Thread.sleep(LOOK_MILLIS);
                } catch (InterruptedException e) {
                    over = true;
                }
                for (SweepRun run : runs) {
                    if (directory.isDone(run.name()) && left.remove(run)) {
                        progress.message(run.name() + " done, " + left.size() + " left or at work");
                    }
                }
                progress.show("train", runs.size() - left.size(), runs.size(), " runs", 1);
            }
        }
    }

    private void compare(List<SweepRun> runs) throws IOException {
        List<Path> done =
                runs.stream()
                        .map(SweepRun::name)
                        .filter(directory::isDone)
                        .map(directory::run)
                        .toList();
        if (!done.isEmpty()) {
            CompareCommand.show(
                    Comparison.read(done, left -> System.err.println("Left out: " + left)),
                    directory.path().resolve("compare.html"));
        }
    }
}
