package org.mobilenetv3.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonFileTest {

    @TempDir private Path temporary;

    private record Entry(String name, int count) {
        Entry {
            if (count < 0) {
                throw new IllegalArgumentException("negative");
            }
        }
    }

    @Test
    void aFileFillsARecord() throws IOException {
        Path file = Files.writeString(temporary.resolve("a.json"), "\uFEFF{'name':'ä','count':2}");
        assertThat(JsonFile.read(file, Entry.class, "it is damaged")).isEqualTo(new Entry("ä", 2));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "null", "{", "[1]", "{\"count\":\"x\"}", "{\"count\":-1}"})
    void whatIsNoSuchJsonIsRefusedInASentence(String json) throws IOException {
        Path file = Files.writeString(temporary.resolve("a.json"), json);
        assertThatThrownBy(() -> JsonFile.read(file, Entry.class, "it is damaged; delete it"))
                .isInstanceOf(IOException.class)
                .hasMessage(file + " cannot be read: it is damaged; delete it.");
    }

    @Test
    void jsonBecomesWhatGsonMakesOfIt() {
        String json = "{'a': [1, 2.5, null, {'b': true}], 'c': 'text', 'd': null, 'e': {}}";
        assertThat(JsonTree.plain(JsonParser.parseString(json)))
                .isEqualTo(JsonFile.GSON.fromJson(json, Object.class));
    }

    @Test
    void aMissingFileIsNotCalledDamaged() {
        assertThatThrownBy(() -> JsonFile.read(temporary.resolve("b.json"), Entry.class, "damaged"))
                .isInstanceOf(NoSuchFileException.class);
    }
}
