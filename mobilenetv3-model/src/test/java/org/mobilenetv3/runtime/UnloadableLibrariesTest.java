package org.mobilenetv3.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mobilenetv3.io.FileErrors;
import org.mobilenetv3.trained.OnnxNet;

/**
 * Libraries that cannot be put where they are loaded from: the folder is named, not another cause.
 */
class UnloadableLibrariesTest {

    @TempDir private Path temporary;

    @Test
    void theTemporaryDirectoryIsNamedIfOnnxRuntimeCannotBeCopiedThere() throws IOException {
        Path net = Files.write(temporary.resolve("net.onnx"), new byte[] {8, 8});
        Path nowhere = temporary.resolve("nowhere");
        String said =
                ChildJvm.of(Opener.class).option("-Djava.io.tmpdir=" + nowhere).run(net.toString());
        assertThat(said)
                .startsWith("ONNX Runtime cannot be loaded from the temporary directory " + nowhere)
                .contains("-Djava.io.tmpdir=DIR")
                .hasLineCount(1);
    }

    @Test
    void theTemporaryDirectoryIsNamedIfAFileCannotBeMadeThere() {
        Path nowhere = temporary.resolve("nowhere");
        assertThat(ChildJvm.of(Maker.class).option("-Djava.io.tmpdir=" + nowhere).run())
                .startsWith("The temporary directory " + nowhere + " is missing")
                .contains("-Djava.io.tmpdir=DIR");
    }

    static final class Maker {
        public static void main(String[] args) {
            try {
                Files.createTempDirectory("made");
            } catch (IOException e) {
                System.out.println(FileErrors.sentence(e));
            }
        }
    }

    @Test
    void theCacheIsNamedIfLibtorchCannotBeCopiedThere() throws IOException {
        Path file = Files.createFile(temporary.resolve("file"));
        String said =
                ChildJvm.of(Starter.class)
                        .environment("DJL_CACHE_DIR", file.toString())
                        .environment("ENGINE_CACHE_DIR", file.toString())
                        .run();
        assertThat(said)
                .startsWith("libtorch cannot be loaded from " + file)
                .contains("DJL_CACHE_DIR=DIR")
                .hasLineCount(1);
    }

    static final class Opener {
        public static void main(String[] args) {
            try {
                OnnxNet.open(Path.of(args[0]), 1).close();
            } catch (IOException e) {
                System.out.println(e.getMessage());
            }
        }
    }

    static final class Starter {
        public static void main(String[] args) {
            try {
                TorchRuntime.start();
            } catch (IllegalStateException e) {
                System.out.println(e.getMessage());
            }
        }
    }
}
