package org.mobilenetv3.train.command;

import java.util.concurrent.Callable;
import org.mobilenetv3.cli.ComputeOptions;
import org.mobilenetv3.runtime.TorchRuntime;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Prints what the runtime found on this host and did about it. */
@Command(
        name = "doctor",
        description =
                "Show what was found on this host, what was done about it, and whether convolutions are correct.")
final class DoctorCommand implements Callable<Integer> {

    @Mixin private ComputeOptions compute;

    @Override
    public Integer call() {
        String device = compute.start().toString();
        System.out.println(TorchRuntime.report());
        System.out.println("computing on " + device);
        return 0;
    }
}
