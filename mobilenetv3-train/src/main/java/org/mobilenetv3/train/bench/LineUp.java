package org.mobilenetv3.train.bench;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.mobilenetv3.MobileNetV3.Execution;
import org.mobilenetv3.export.ExportFormat;
import org.mobilenetv3.runtime.TorchRuntime;
import org.mobilenetv3.train.bench.BenchCase.Mode;

/**
 * Who takes part in a case. A new contestant has its line in {@link #ours} if it runs in this
 * process and in {@link #peers} if it runs in a Python.
 *
 * @param pythons interpreters with PyTorch; none leaves us to ourselves
 * @param script bench/peers.py
 * @param threads for every contestant
 * @param torchCompile whether torch.compile, which compiles for minutes, takes part
 */
public record LineUp(List<Path> pythons, Path script, int threads, boolean torchCompile) {

    private static final String HUGE_PAGES = "THP_MEM_ALLOC_ENABLE";

    /** How glibc's allocator is set. */
    private enum Allocator {
        DEFAULT,
        TUNED
    }

    /** Takes the choices. */
    public LineUp {
        pythons = List.copyOf(pythons);
    }

    /**
     * Makes the contestants of a case, fresh ones.
     *
     * @param work the case
     * @return ours, then the peers of each Python
     */
    public List<Contestant> of(BenchCase work) {
        List<Contestant> all = ours(work);
        pythons.forEach(python -> all.addAll(peers(python, work)));
        return all;
    }

    private List<Contestant> ours(BenchCase work) {
        List<Contestant> ours = new ArrayList<>();
        ours.add(new OwnNet(CaseResult.REFERENCE, Execution.COMPILED, work));
        ours.add(new OwnNet("ours op by op", Execution.EAGER, work));
        if (TorchRuntime.hasInstructions("bf16")) {
            ours.add(new OwnNet("ours bf16", Execution.BF16, work));
        }
        if (work.mode() == Mode.INFER) {
            for (ExportFormat format : ExportFormat.values()) {
                ours.add(new ExportedFile(format, threads, work));
            }
        }
        return ours;
    }

    private List<Contestant> peers(Path python, BenchCase work) {
        List<Contestant> peers = new ArrayList<>();
        peers.add(peer(python, "eager", Allocator.DEFAULT, work));
        peers.add(peer(python, "eager best", Allocator.TUNED, work));
        if (work.mode() == Mode.TRAIN) {
            peers.add(peer(python, "eager best, fused Adam", Allocator.TUNED, work));
        } else {
            peers.add(peer(python, "frozen TorchScript", Allocator.TUNED, work));
            peers.add(peer(python, "ONNX Runtime", Allocator.DEFAULT, work));
        }
        if (torchCompile) {
            peers.add(peer(python, "torch.compile", Allocator.TUNED, work));
        }
        return peers;
    }

    private Contestant peer(Path python, String name, Allocator allocator, BenchCase work) {
        List<String> command = new ArrayList<>();
        command.addAll(List.of(python.toString(), script.toString()));
        command.addAll(List.of("--threads", Integer.toString(threads)));
        if (allocator == Allocator.TUNED) {
            command.add("--tuned");
        }
        String hugePages = allocator == Allocator.TUNED ? "1" : "";
        return new Peer(name, command, Map.of(HUGE_PAGES, hugePages), work);
    }
}
