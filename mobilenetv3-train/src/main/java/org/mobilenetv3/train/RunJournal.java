package org.mobilenetv3.train;

import ai.djl.Device;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.mobilenetv3.runtime.TorchRuntime;
import org.mobilenetv3.train.report.EventFile;
import org.mobilenetv3.train.report.Figure;
import org.mobilenetv3.train.report.Machine;
import org.mobilenetv3.train.report.RunFacts;
import org.mobilenetv3.train.report.RunReport;
import org.mobilenetv3.train.report.TestSection;
import org.mobilenetv3.train.run.EpochMetrics;
import org.mobilenetv3.train.run.RunDirectory;
import org.mobilenetv3.train.run.RunSettings;

/** Writes a run's metrics, TensorBoard events, result and report. */
final class RunJournal implements AutoCloseable {

    private final RunDirectory directory;
    private final RunFacts facts;
    private final Machine machine;
    private final EventFile events;

    /**
     * Begins, or goes on after some epochs.
     *
     * @param directory the run
     * @param settings of the run
     * @param device where it is computed
     * @param epochsDone epochs of earlier processes that count
     * @param resumed whether there was an earlier process
     * @throws IOException if the events cannot be written
     */
    RunJournal(
            RunDirectory directory,
            RunSettings settings,
            Device device,
            int epochsDone,
            boolean resumed)
            throws IOException {
        this.directory = directory;
        String name = directory.path().toAbsolutePath().normalize().getFileName().toString();
        facts = RunFacts.of(name, settings);
        machine = Machine.of(TorchRuntime.start(), device);
        events =
                resumed
                        ? EventFile.resume(directory.path(), epochsDone)
                        : EventFile.start(directory.path());
        if (!resumed) {
            events.table("recipe", facts.values());
        }
    }

    /** Writes the metrics after each epoch. */
    void epoch(List<EpochMetrics> history) throws IOException {
        try {
            directory.writeMetrics(history);
            events.epoch(history.get(history.size() - 1));
        } catch (IOException e) {
            throw directory.unwritable(directory.path().resolve("metrics.csv"), e);
        }
    }

    /** Writes the report so far, when the run stops before its end. */
    void stopped(List<EpochMetrics> history, double wallSeconds) throws IOException {
        if (!history.isEmpty()) {
            new RunReport(facts, history, Optional.empty(), machine, wallSeconds)
                    .write(directory.path());
        }
    }

    /** Writes the best package's test and the report, at the end. */
    void finished(List<EpochMetrics> history, TestSection test, double wallSeconds)
            throws IOException {
        test.result().write(directory.path());
        events.test(test.result());
        List<Figure> figures = test.figures();
        if (!figures.isEmpty()) {
            Figure first = figures.get(0);
            events.image(test.result().bestEpoch(), "test/" + first.file(), first.picture());
        }
        new RunReport(facts, history, Optional.of(test), machine, wallSeconds)
                .write(directory.path());
    }

    @Override
    public void close() throws IOException {
        events.close();
    }
}
