package org.mobilenetv3.train.search;

import ai.djl.Device;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.mobilenetv3.io.JsonFile;
import org.mobilenetv3.io.WholeFile;
import org.mobilenetv3.process.ChildProcess;
import org.mobilenetv3.process.ParentProcess;
import org.mobilenetv3.runtime.TorchRuntime;
import org.mobilenetv3.train.data.DataListener;
import org.mobilenetv3.train.data.Splits;
import org.mobilenetv3.train.data.source.Datasets;
import org.mobilenetv3.train.run.RunSettings;
import org.mobilenetv3.trained.PackageNet;

/** The process that scores one candidate, here or on another host with the same files. */
public final class ScoringProcess {

    private ScoringProcess() {}

    /**
     * Makes the process.
     *
     * @param search directory of the search
     * @param ordered a file with the candidate and what it costs
     * @param scored the file to write
     * @param log what it prints
     * @return to be started
     */
    static ChildProcess of(Path search, Path ordered, Path scored, Path log) {
        return ChildProcess.likeThis(
                ScoringProcess.class,
                List.of(search.toString(), ordered.toString(), scored.toString()),
                log);
    }

    /**
     * Scores a candidate on one thread.
     *
     * @param args directory of the search, file of the candidate, file to write
     * @throws IOException if a file cannot be read or written
     */
    public static void main(String[] args) throws IOException {
        ParentProcess.watch();
        SearchSettings settings = SearchSettings.read(Path.of(args[0]));
        Scored order = JsonFile.GSON.fromJson(Files.readString(Path.of(args[1])), Scored.class);
        TorchRuntime.start(1);
        RunSettings run = settings.run();
        Splits data =
                Datasets.load(
                        new Datasets.Request(
                                run.dataset(),
                                run.data() == null ? null : Path.of(run.data()),
                                run.input().fit(),
                                run.input().channels(),
                                true,
                                run.seed(),
                                DataListener.SILENT));
        run.requireSame(
                data.train().size(), data.train().classes().size(), data.train().checksum());
        Path supernet = Path.of(args[0]).resolve(Search.SUPERNET).resolve("best");
        try (PackageNet net = PackageNet.open(supernet, Device.cpu());
                Scorer scorer = new Scorer(settings, net, data)) {
            Scored scored =
                    scorer.score(order.candidate(), order.cost(), order.random(), () -> false);
            WholeFile.write(Path.of(args[2]), JsonFile.GSON.toJson(scored) + "\n");
        }
        System.exit(0); // nothing that still runs is waited for
    }
}
