package org.mobilenetv3.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mobilenetv3.process.ProcessPool.Place;

class ChildProcessTest {

    @TempDir private Path temporary;

    /**
     * Prints a variable and its own number, then ends with a code or waits for its parent's end.
     */
    public static final class Main {
        public static void main(String[] args) throws InterruptedException {
            ParentProcess.watch();
            System.out.println(System.getenv("GIVEN") + " " + ProcessHandle.current().pid());
            if (args[0].equals("wait")) {
                TimeUnit.MINUTES.sleep(5);
            }
            System.exit(Integer.parseInt(args[0]));
        }
    }

    private ChildProcess child(String name, String argument) {
        return new ChildProcess(
                System.getProperty("java.class.path"),
                List.of("-Xshare:auto"),
                Main.class.getName(),
                List.of(argument),
                temporary.resolve(name).toString());
    }

    @Test
    void codesComeInTheOrderOfTheProcessesAndWhatTheyPrintIsKept() throws IOException {
        List<ChildProcess> children = List.of(child("a", "0"), child("b", "7"), child("b", "0"));
        assertThat(new LocalProcessPool().run(children, new Place("local[2]", Map.of(), 1)))
                .containsExactly(0, 7, 0);
        assertThat(Files.readAllLines(temporary.resolve("b"))).hasSize(2);
        assertThat(child("c", "0").run(Map.of("GIVEN", "3,4"), () -> false)).isZero();
        assertThat(temporary.resolve("c")).content().startsWith("3,4 ");
    }

    @Test
    void aProcessThatNobodyHoldsEndsAtOnce() throws Exception {
        Path log = temporary.resolve("log");
        int code = child("log", "wait").run(Map.of(), () -> isWritten(log));
        assertThat(code).isEqualTo(130);
        long pid = Long.parseLong(Files.readString(log).strip().replaceFirst(".* ", ""));
        var process = ProcessHandle.of(pid);
        if (process.isPresent()) {
            process.get().onExit().get(20, TimeUnit.SECONDS);
        }
    }

    private static boolean isWritten(Path log) {
        try {
            return Files.readString(log).endsWith("\n");
        } catch (IOException e) {
            return false;
        }
    }

    @Test
    void whatNeedsSparkSaysSo() {
        assertThatThrownBy(() -> run(new Place("spark://host:7077", Map.of(), 1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("--master spark://host:7077 needs Spark");
        assertThatThrownBy(() -> run(new Place("local[0]", Map.of(), 1)))
                .hasMessageStartingWith("--master local[0] needs Spark");
        assertThatThrownBy(() -> run(new Place("local", Map.of("spark.x", "1"), 1)))
                .hasMessageStartingWith("--conf needs Spark");
    }

    private static void run(Place place) throws IOException {
        new LocalProcessPool().run(List.of(), place);
    }
}
