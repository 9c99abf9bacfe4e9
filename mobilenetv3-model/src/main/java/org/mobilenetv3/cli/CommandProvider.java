package org.mobilenetv3.cli;

import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;

/**
 * A module's commands; found by {@link java.util.ServiceLoader}, so modules need not know others. A
 * command is made only when it is asked for: its classes take time to load.
 */
public interface CommandProvider {

    /**
     * Returns the names of the commands.
     *
     * @return in the order of the help
     */
    List<String> names();

    /**
     * Makes a command.
     *
     * @param name one of {@link #names()}
     * @return a picocli command of that name that returns an exit code
     */
    Callable<Integer> command(String name);

    /**
     * Makes a net that is none of the architectures here.
     *
     * @param name for instance {@code djl:mobilenet_v2}
     * @param input shape of its input, {@code (1, C, H, W)}
     * @param classes number of logits
     * @return a block that is initialized; empty if this module has no net of that name
     */
    default Optional<Block> net(String name, Shape input, int classes) {
        return Optional.empty();
    }
}
