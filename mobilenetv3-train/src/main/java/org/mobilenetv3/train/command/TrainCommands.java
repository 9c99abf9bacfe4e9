package org.mobilenetv3.train.command;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.mobilenetv3.cli.CommandProvider;
import org.mobilenetv3.cli.NetOptions;
import org.mobilenetv3.runtime.TorchRuntime;
import org.mobilenetv3.train.DjlNets;

/** Gives the command line this module's commands. */
public final class TrainCommands implements CommandProvider {

    /** Creates the provider; the service loader does. */
    public TrainCommands() {}

    @Override
    public List<String> names() {
        return List.of(
                "train",
                "finetune",
                "sweep",
                "preview",
                "evaluate",
                "recipes",
                "compare",
                "bench",
                "doctor");
    }

    @Override
    public Callable<Integer> command(String name) {
        return switch (name) {
            case "train" -> new TrainCommand();
            case "finetune" -> new FinetuneCommand();
            case "sweep" -> new SweepCommand();
            case "preview" -> new PreviewCommand();
            case "evaluate" -> new EvaluateCommand();
            case "recipes" -> new RecipesCommand();
            case "compare" -> new CompareCommand();
            case "bench" -> new BenchCommand();
            case "doctor" -> new DoctorCommand();
            default -> throw new IllegalArgumentException(name);
        };
    }

    /** DJL's MobileNetV2; its block has no shapes before it is initialized. */
    @Override
    public Optional<Block> net(String name, Shape input, int classes) {
        if (!NetOptions.DJLS.equalsIgnoreCase(name)) {
            return Optional.empty();
        }
        TorchRuntime.start();
        boolean small = input.get(2) < NetOptions.SMALL_IMAGE;
        Block block = DjlNets.mobileNetV2(classes, small ? 1 : 2);
        try (NDManager manager = NDManager.newBaseManager("PyTorch")) {
            block.initialize(manager, DataType.FLOAT32, input);
            return Optional.of(block);
        }
    }
}
