package org.mobilenetv3.dist;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A small net, trained once by the classes of the checkout. */
final class TrainedNet {

    private static final Path DIRECTORY = Downloads.DIRECTORY.resolve("trained");

    private TrainedNet() {}

    /** The command that trains it into a directory. */
    static List<String> command(String directory) {
        return List.of(
                "train",
                "--dataset=shapes",
                "--width=0.35",
                "--stem-stride=2",
                "--epochs=1",
                "--out=" + directory);
    }

    /** Returns the directory of the run. */
    static synchronized Path byTheCheckout() throws IOException, InterruptedException {
        Path run = DIRECTORY.resolve("net-" + ProcessHandle.current().pid());
        if (Files.notExists(run)) {
            Files.createDirectories(DIRECTORY);
            List<String> command = new ArrayList<>();
            command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
            command.add("-cp");
            command.add(Downloads.checkoutClassPath());
            command.add("org.mobilenetv3.cli.Main");
            command.addAll(command(run.getFileName().toString()));
            Child trained =
                    Child.run(
                            DIRECTORY,
                            Map.of("OMP_NUM_THREADS", "1", "PATH", System.getenv("PATH")),
                            command);
            if (trained.code() != 0) {
                throw new IllegalStateException(trained.err());
            }
        }
        return run;
    }
}
