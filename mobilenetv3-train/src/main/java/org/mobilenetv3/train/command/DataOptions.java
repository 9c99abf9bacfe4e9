package org.mobilenetv3.train.command;

import java.io.IOException;
import java.nio.file.Path;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import org.mobilenetv3.cli.Terminal;
import org.mobilenetv3.train.data.DataListener;
import org.mobilenetv3.train.data.Datasets;
import org.mobilenetv3.train.data.Splits;
import org.mobilenetv3.zoo.Fit;
import picocli.CommandLine.Option;

/** Which data set. */
final class DataOptions {

    @Option(
            names = "--dataset",
            paramLabel = "NAME",
            description =
                    "auto, cifar10, cifar100, fashion-mnist, mnist, folder (images by class) or"
                            + " shapes (synthetic, needs no files). auto is cifar10 if it is there or"
                            + " can be fetched, otherwise shapes (default: ${DEFAULT-VALUE}).",
            defaultValue = "auto")
    private String dataset;

    @Option(
            names = "--data",
            paramLabel = "PATH",
            description = "Where the data lies: a directory, or CIFAR's tar.gz.")
    private Path data;

    @Option(names = "--offline", description = "Never try the network.")
    private boolean offline;

    String dataset() {
        return dataset;
    }

    Path data() {
        return data;
    }

    /**
     * Reads the data set.
     *
     * @param name its name
     * @param path where it lies, or null
     * @param fit how to bring the images to one size, or null for as they are
     * @param seed chooses the validation images
     */
    Splits load(String name, Path path, Fit fit, long seed) throws IOException {
        try (Listener listener = new Listener()) {
            return Datasets.load(new Datasets.Request(name, path, fit, offline, seed, listener));
        }
    }

    /** Messages and download progress on standard error. */
    private static final class Listener implements DataListener, AutoCloseable {
        private ProgressBar bar;

        @Override
        public void message(String text) {
            close();
            System.err.println(text);
        }

        @Override
        public void progress(String what, long done, long total) {
            if (!Terminal.interactive()) {
                return;
            }
            if (bar == null) {
                bar =
                        new ProgressBarBuilder()
                                .setTaskName(what)
                                .setInitialMax(total)
                                .setUnit(" MiB", 1 << 20)
                                .showSpeed()
                                .clearDisplayOnFinish()
                                .build();
            }
            bar.stepTo(done);
        }

        @Override
        public void close() {
            if (bar != null) {
                bar.close();
                bar = null;
            }
        }
    }
}
