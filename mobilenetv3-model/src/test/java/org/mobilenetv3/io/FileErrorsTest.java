package org.mobilenetv3.io;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import org.junit.jupiter.api.Test;

class FileErrorsTest {

    @Test
    void aPathAloneBecomesASentenceAndASentenceStays() {
        assertThat(FileErrors.sentence(new AccessDeniedException("a.png")))
                .isEqualTo("a.png cannot be read or written: permission denied.");
        assertThat(FileErrors.sentence(new NoSuchFileException("a.png")))
                .isEqualTo("a.png does not exist.");
        assertThat(FileErrors.sentence(new IOException("It is late."))).isEqualTo("It is late.");
    }

    @Test
    void aMessageWithNamesThatCannotBeReadSaysWhatToDo() {
        assertThat(FileNames.explained("a.png is empty.")).isEqualTo("a.png is empty.");
        assertThat(FileNames.explained("\uFFFD.png is empty."))
                .startsWith("\uFFFD.png is empty. Where it says \uFFFD, ");
    }
}
