package org.mobilenetv3.train.sweep;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.commons.io.FileUtils;
import org.mobilenetv3.cli.Main;
import org.mobilenetv3.process.ChildProcess;
import org.mobilenetv3.process.ParentProcess;

/** The process of one run: begins it, resumes it, or finds that it is complete. */
public final class SweepProcess {

    private SweepProcess() {}

    /**
     * Makes the process of a run.
     *
     * @param directory of the sweep
     * @param run to be done
     * @param options that {@code train} begins a run with, {@code --option=value} each
     * @param resuming options that {@code train --resume} takes, too
     * @return to be started; its exit code is that of {@code train}
     */
    public static ChildProcess of(
            SweepDirectory directory, SweepRun run, List<String> options, List<String> resuming) {
        List<String> arguments = new ArrayList<>();
        arguments.add(directory.path().toString());
        arguments.add(run.name());
        arguments.add("" + resuming.size());
        arguments.addAll(resuming);
        arguments.addAll(options);
        arguments.add("--recipe=" + run.recipe());
        arguments.add("--seed=" + run.seed());
        return ChildProcess.likeThis(SweepProcess.class, arguments, directory.log(run.name()));
    }

    /**
     * Does a run.
     *
     * @param args directory of the sweep, name of the run, number of options to resume it with,
     *     these, and more options to begin it with
     * @throws IOException if the directory cannot be written
     */
    @SuppressWarnings("try") // the lock is only held
    public static void main(String[] args) throws IOException {
        ParentProcess.watch();
        SweepDirectory directory = new SweepDirectory(Path.of(args[0]));
        List<String> options = List.of(args).subList(3, args.length);
        int code = 0;
        // A second attempt waits for the first, and then finds the run as that one left it.
        try (Closeable lock = directory.lock(args[1])) {
            if (!directory.isDone(args[1])) {
                code = train(directory.run(args[1]), options, Integer.parseInt(args[2]));
                if (code == 0) {
                    directory.setDone(args[1]);
                }
            }
        }
        System.exit(code);
    }

    private static int train(Path run, List<String> options, int resuming) throws IOException {
        List<String> command = new ArrayList<>(List.of("train"));
        if (Files.exists(run.resolve("run.json"))) {
            command.add("--resume=" + run);
            command.addAll(options.subList(0, resuming));
        } else {
            FileUtils.deleteDirectory(run.toFile()); // of one that ended before it began
            command.add("--out=" + run);
            command.addAll(options);
        }
        return Main.run(command.toArray(String[]::new));
    }
}
