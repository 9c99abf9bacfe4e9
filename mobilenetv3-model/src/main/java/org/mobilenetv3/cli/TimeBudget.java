package org.mobilenetv3.cli;

import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.OptionalDouble;
import org.mobilenetv3.preprocessing.Preprocessing;
import org.mobilenetv3.trained.ElasticPackage;
import org.mobilenetv3.trained.TrainedNet;
import picocli.CommandLine.Option;

/** The option {@code --budget-ms}: the most accurate subnet that is fast enough on this host. */
public final class TimeBudget {

    private static final int CALLS = 9;
    private static final int LEAST_WARM_UP = 3;

    /** Until Java has compiled what computes. */
    private static final long WARM_UP_NANOS = 300_000_000;

    @Option(
            names = "--budget-ms",
            paramLabel = "MS",
            description =
                    "Of an elastic package, the most accurate net that takes at most so long for one"
                            + " image here, measured at the start.")
    private Double budget;

    /** Opens a net as the command will. */
    @FunctionalInterface
    public interface Opener {
        /**
         * Opens a net.
         *
         * @param path where it lies
         * @return the net, which is closed after it was measured
         * @throws IOException in one sentence, if it cannot be used
         */
        TrainedNet open(Path path) throws IOException;
    }

    /** Creates the option; picocli fills it in. */
    public TimeBudget() {}

    /**
     * Makes a budget without a command line.
     *
     * @param milliseconds for one image
     */
    TimeBudget(double milliseconds) {
        budget = milliseconds;
    }

    /**
     * Returns whether the option was given.
     *
     * @return whether {@link #choose} measures
     */
    public boolean isGiven() {
        return budget != null;
    }

    /**
     * Chooses a net, if the option was given, and tells which on standard error: of those whose
     * median over nine calls is within the budget, the one with the best accuracy on validation
     * images.
     *
     * @param path of weights
     * @param opener with the command's engine, device and threads
     * @return the net's path; the same path without the option
     * @throws IOException in one sentence, if a net cannot be used, or none is fast enough
     * @throws IllegalArgumentException in one sentence, if the package is not elastic or the budget
     *     no time
     */
    public Path choose(Path path, Opener opener) throws IOException {
        if (budget == null) {
            return path;
        }
        if (!(budget > 0)) {
            throw new IllegalArgumentException(
                    "--budget-ms is %s but must be more than 0.".formatted(budget));
        }
        ElasticPackage.Net fastest = null;
        double least = Double.POSITIVE_INFINITY;
        for (ElasticPackage.Net net : ElasticPackage.read(path, "--budget-ms").byAccuracy()) {
            double milliseconds;
            try (TrainedNet opened = opener.open(net.path())) {
                milliseconds = milliseconds(opened);
            }
            if (milliseconds <= budget) {
                System.err.println(line(net, milliseconds));
                return net.path();
            }
            if (milliseconds < least) {
                fastest = net;
                least = milliseconds;
            }
        }
        throw new IOException(
                String.format(
                        Locale.ROOT,
                        "No net of %s takes at most %s ms for one image here: the fastest, %s, takes %.2f ms.",
                        path,
                        text(budget),
                        fastest.name(),
                        least));
    }

    private String line(ElasticPackage.Net net, double milliseconds) {
        OptionalDouble top1 = net.top1();
        return String.format(
                Locale.ROOT,
                "subnet %s: %.2f ms of %s, validation top-1 %s",
                net.name(),
                milliseconds,
                text(budget),
                top1.isPresent()
                        ? String.format(Locale.ROOT, "%.1f %%", 100 * top1.getAsDouble())
                        : "not known");
    }

    /** Without a fraction that is none. */
    private static String text(double number) {
        return number == Math.rint(number)
                ? String.format(Locale.ROOT, "%.0f", number)
                : Double.toString(number);
    }

    /**
     * Measures a net.
     *
     * @param net any net
     * @return the median time of one gray image of its input's size, in milliseconds
     * @throws IOException if its runtime fails
     */
    static double milliseconds(TrainedNet net) throws IOException {
        Preprocessing input = net.description().preprocessing();
        Shape shape = new Shape(1, input.channels(), input.height(), input.width());
        float[] gray = new float[Math.toIntExact(shape.size())];
        Arrays.fill(gray, 0.5f);
        FloatBuffer image = FloatBuffer.wrap(gray);
        long begin = System.nanoTime();
        for (int i = 0; i < LEAST_WARM_UP || System.nanoTime() - begin < WARM_UP_NANOS; i++) {
            net.logits(image, shape);
        }
        double[] times = new double[CALLS];
        for (int i = 0; i < CALLS; i++) {
            long start = System.nanoTime();
            net.logits(image, shape);
            times[i] = (System.nanoTime() - start) / 1e6;
        }
        Arrays.sort(times);
        return times[CALLS / 2];
    }
}
