package org.mobilenetv3.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WholeFileTest {

    @TempDir private Path temporary;

    @Test
    void aFileIsMadeWithItsDirectoriesAndReplaced() throws IOException {
        Path file = temporary.resolve("a/b/c.txt");
        WholeFile.write(file, "first");
        WholeFile.write(file, "zweite Gänse");
        assertThat(Files.readString(file)).isEqualTo("zweite Gänse");
        assertThat(file.getParent()).isDirectoryContaining(file::equals);
        assertThat(file.getParent().toFile().list()).hasSize(1);
    }

    @Test
    void whileItIsWrittenAndWhenItFailsWhatStoodThereStays() throws IOException {
        Path file = Files.writeString(temporary.resolve("c.txt"), "precious");
        assertThatThrownBy(
                        () ->
                                WholeFile.write(
                                        file,
                                        (Path beside) -> {
                                            Files.writeString(beside, "half");
                                            assertThat(file).hasContent("precious");
                                            throw new IOException("No.");
                                        }))
                .hasMessage(file + " cannot be written: No.");
        assertThat(file).hasContent("precious");
        assertThat(temporary).isDirectoryContaining(file::equals);
        assertThat(temporary.toFile().list()).hasSize(1);
    }

    @Test
    void aFileOfTheUsersBesideItIsLeftAlone() throws IOException {
        Path file = temporary.resolve("net.pth");
        Path theirs = Files.writeString(temporary.resolve("net.pth.new"), "precious");
        WholeFile.write(file, "text");
        assertThat(theirs).hasContent("precious");
    }

    @Test
    void whatTheWriterFindsOutIsReturned() throws IOException {
        Path file = temporary.resolve("a.txt");
        String made = WholeFile.make(file, beside -> Files.writeString(beside, "x") + "");
        assertThat(made).startsWith(temporary.toString()).isNotEqualTo(file.toString());
        assertThat(file).hasContent("x");
        Path folder = temporary.resolve("b");
        String filled = AtomicDirectory.make(folder, Path::toString);
        assertThat(filled).startsWith(folder.toString());
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void aDirectoryIsNotReplaced() {
        assertThatThrownBy(() -> WholeFile.write(temporary, "x"))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("directory");
    }
}
