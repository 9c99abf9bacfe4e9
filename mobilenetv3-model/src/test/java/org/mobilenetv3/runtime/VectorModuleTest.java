package org.mobilenetv3.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class VectorModuleTest {

    /** What a JVM prints that was started with some options. */
    static final class Program {
        public static void main(String... args) {
            System.out.print(VectorModule.isAvailable() + " " + isThere() + " ");
            System.out.print(VectorModule.load() + " " + VectorModule.load() + " " + isThere());
        }

        private static boolean isThere() {
            try {
                return Class.forName("jdk.incubator.vector.FloatVector") != null;
            } catch (ClassNotFoundException e) {
                return false;
            }
        }
    }

    private static String run(String... options) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of(options));
        command.addAll(List.of("-cp", System.getProperty("java.class.path")));
        command.add(Program.class.getName());
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        byte[] output = process.getInputStream().readAllBytes();
        assertThat(process.waitFor()).isZero();
        return new String(output, StandardCharsets.UTF_8);
    }

    @Test
    void theModuleIsAddedWithoutAWarningWhereThatIsPermitted() throws Exception {
        String permitted = "--add-exports=java.base/jdk.internal.module=ALL-UNNAMED";
        assertThat(run(permitted)).isEqualTo("true false true true true");
    }

    @Test
    void withoutThePermissionItIsThereOnlyIfTheJvmWasAskedForIt() throws Exception {
        assertThat(run()).isEqualTo("false false false false false");
        assertThat(run("--add-modules=jdk.incubator.vector"))
                .startsWith("WARNING: Using incubator modules: jdk.incubator.vector")
                .endsWith("true true true true true");
    }
}
