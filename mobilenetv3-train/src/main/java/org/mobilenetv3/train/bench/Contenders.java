package org.mobilenetv3.train.bench;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.mobilenetv3.MobileNetV3.Execution;
import org.mobilenetv3.export.ExportFormat;
import org.mobilenetv3.runtime.TorchRuntime;
import org.mobilenetv3.train.bench.BenchCase.Mode;
import org.mobilenetv3.trained.NetEngine;

/**
 * Who takes part in a case. A new implementation has its line in {@link #ours} if it runs in this
 * process and in {@link #peers} if it runs in a Python.
 *
 * @param pythons interpreters with PyTorch; none leaves us to ourselves
 * @param script bench/peers.py
 * @param threads for every implementation
 * @param engine which of ours take part beside the reference; {@link NetEngine#AUTO} for all
 * @param torchCompile whether torch.compile, which compiles for minutes, takes part
 */
public record Contenders(
        List<Path> pythons, Path script, int threads, NetEngine engine, boolean torchCompile) {

    private static final String HUGE_PAGES = "THP_MEM_ALLOC_ENABLE";

    /** How glibc's allocator is set. */
    private enum Allocator {
        DEFAULT,
        TUNED
    }

    /** Takes the choices. */
    public Contenders {
        pythons = List.copyOf(pythons);
    }

    /**
     * Makes the implementations of a case, fresh ones.
     *
     * @param work the case
     * @return ours, DJL's own net, then the peers of each Python
     */
    public List<Implementation> of(BenchCase work) {
        List<Implementation> all = ours(work);
        if (work.arch().contains("large")) { // of about that size
            all.add(new DjlNet(work));
        }
        pythons.forEach(python -> all.addAll(peers(python, work)));
        return all;
    }

    private List<Implementation> ours(BenchCase work) {
        List<Implementation> ours = new ArrayList<>();
        ours.add(new OwnNet(CaseResult.REFERENCE, Execution.COMPILED, work));
        ours.add(new OwnNet("ours op by op", Execution.EAGER, work));
        if (TorchRuntime.hasInstructions("bf16")) {
            ours.add(new OwnNet("ours bf16", Execution.BF16, work));
        }
        if (work.mode() == Mode.INFER) {
            for (ExportFormat format : ExportFormat.values()) {
                ours.add(OpenedNet.exported(format, threads, work));
            }
            NetEngine.vector()
                    .ifPresent(vector -> ours.add(OpenedNet.vector(vector, threads, work)));
        }
        ours.removeIf(net -> !isAskedFor(net));
        return ours;
    }

    /** The reference always takes part: every ratio is to it. */
    private boolean isAskedFor(Implementation net) {
        if (engine == NetEngine.AUTO || net.name().equals(CaseResult.REFERENCE)) {
            return true;
        }
        boolean vector = net.name().endsWith(NetEngine.VECTOR.toString());
        boolean onnx = net.name().endsWith(ExportFormat.ONNX.toString());
        return switch (engine) {
            case VECTOR -> vector;
            case ONNXRUNTIME -> onnx;
            default -> !vector && !onnx;
        };
    }

    private List<Implementation> peers(Path python, BenchCase work) {
        List<Implementation> peers = new ArrayList<>();
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

    private Implementation peer(Path python, String name, Allocator allocator, BenchCase work) {
        List<String> command = new ArrayList<>();
        command.addAll(List.of(python.toString(), script.toString()));
        command.addAll(List.of("--threads", Integer.toString(threads)));
        if (allocator == Allocator.TUNED) {
            command.add("--tuned");
        }
        String hugePages = allocator == Allocator.TUNED ? "1" : "";
        return new PythonNet(name, command, Map.of(HUGE_PAGES, hugePages), work);
    }
}
