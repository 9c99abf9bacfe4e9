import ai.djl.Device;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.mobilenetv3.trained.PackageNet;
import org.mobilenetv3.runtime.TorchRuntime;

/**
 * How long the first net of a JVM takes to load once the engine has started, and how much memory it
 * takes at most: one file or package a process (docs/benchmarks.md).
 */
class LoadTime {

    public static void main(String[] args) throws Exception {
        Path file = Path.of(args[0]);
        TorchRuntime.start();
        Files.writeString(Path.of("/proc/self/clear_refs"), "5"); // the peak begins here
        long before = status("VmRSS");
        long start = System.nanoTime();
        try (PackageNet net = PackageNet.open(file, Device.cpu())) {
            double milliseconds = (System.nanoTime() - start) / 1e6;
            long bytes = Files.isDirectory(file) ? 0 : Files.size(file);
            double megabytes = (status("VmHWM") - before) / 1024.0;
            System.out.printf(
                    "%s: %.0f ms, at most %.1f MB more than before%s%n",
                    net.description().architecture(),
                    milliseconds,
                    megabytes,
                    bytes == 0 ? "" : ", %.2f of the file".formatted(megabytes / (bytes / 1048576.0)));
        }
    }

    private static long status(String what) throws Exception {
        List<String> lines = Files.readAllLines(Path.of("/proc/self/status"));
        String line = lines.stream().filter(l -> l.startsWith(what)).findFirst().orElseThrow();
        return Long.parseLong(line.replaceAll("\\D", ""));
    }
}
