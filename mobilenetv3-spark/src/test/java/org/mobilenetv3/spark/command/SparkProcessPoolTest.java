package org.mobilenetv3.spark.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.mobilenetv3.process.ChildProcess;
import org.mobilenetv3.process.ProcessPool;
import org.mobilenetv3.process.ProcessPool.Place;
import org.mobilenetv3.spark.TestSession;

@DisabledOnOs(value = OS.WINDOWS, disabledReason = "Spark needs Hadoop's winutils there")
@ExtendWith(TestSession.class)
class SparkProcessPoolTest {

    @TempDir private Path temporary;

    /** A process that ends as it is told to. */
    public static final class Main {
        public static void main(String[] args) {
            System.out.println("here");
            Runtime.getRuntime().halt(Integer.parseInt(args[0]));
        }
    }

    private ChildProcess child(String code) {
        return new ChildProcess(
                System.getProperty("java.class.path"),
                List.of("-Xshare:auto"),
                Main.class.getName(),
                List.of(code),
                temporary.resolve(code).toString());
    }

    @Test
    void aProcessThatFailsLeavesTheOthersAlone() throws IOException {
        ProcessPool pool = ProcessPool.find();
        assertThat(pool).isInstanceOf(SparkProcessPool.class);
        assertThat(
                        pool.run(
                                List.of(child("0"), child("134"), child("1"), child("0")),
                                new Place("local[2]", Map.of(), 1)))
                .containsExactly(0, 134, 1, 0);
        assertThat(temporary.resolve("0")).hasContent("here\nhere");
    }
}
