package org.mobilenetv3.weights.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.WireFormat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.lifecycle.AfterProperty;
import net.jqwik.api.lifecycle.BeforeProperty;
import org.junit.jupiter.api.Test;

class OnnxForeignBytesTest {

    private Path file;
    private byte[] valid;

    @BeforeProperty
    void prepare() throws Exception {
        file = Files.createTempFile("foreign", ".onnx");
        valid =
                Files.readAllBytes(
                        Path.of(
                                OnnxForeignBytesTest.class
                                        .getResource("/golden/onnx/torchvision-dynamo.onnx")
                                        .toURI()));
    }

    @AfterProperty
    void remove() throws IOException {
        Files.deleteIfExists(file);
    }

    /** Reads it or refuses it in one sentence that names the file. */
    private void check(byte[] bytes) throws IOException {
        Files.write(file, bytes);
        try {
            assertThat(OnnxReader.read(file).tensors()).isNotEmpty();
        } catch (IOException e) {
            assertThat(e.getMessage())
                    .startsWith(file.toString())
                    .endsWith(".")
                    .doesNotContain("null", "Exception");
        }
    }

    @Property(tries = 300)
    void anyBytesAreRefusedInASentence(@ForAll @Size(max = 80) byte[] bytes) throws IOException {
        check(bytes);
        check(field(7, ByteString.copyFrom(bytes)).toByteArray());
        check(graph(field(1, ByteString.copyFrom(bytes))));
        check(graph(field(5, ByteString.copyFrom(bytes))));
    }

    @Property(tries = 25)
    void anyDamageIsReadOrRefusedInASentence(@ForAll @IntRange int where, @ForAll byte change)
            throws IOException {
        byte[] bytes = valid.clone();
        bytes[where % bytes.length] ^= change;
        check(bytes);
    }

    @Property(tries = 25)
    void anyCutIsRefusedInASentence(@ForAll @IntRange int length) throws IOException {
        check(Arrays.copyOf(valid, length % valid.length));
    }

    @Property(tries = 1)
    void nestedGroupsDoNotOverflowTheStack() throws IOException {
        byte[] groups = new byte[1 << 20];
        Arrays.fill(groups, (byte) (20 << 3 | WireFormat.WIRETYPE_START_GROUP));
        check(groups);
    }

    @Property(tries = 1)
    void aTensorThatClaimsToBeHugeIsRefusedBeforeAnythingIsAllocated() throws IOException {
        ByteString.Output tensor = ByteString.newOutput();
        CodedOutputStream out = CodedOutputStream.newInstance(tensor);
        out.writeInt64(1, 1L << 31);
        out.writeInt64(1, 1L << 31);
        out.writeInt64(1, 4);
        out.writeInt32(2, 1);
        out.writeString(8, "w");
        out.flush();
        Files.write(file, graph(field(5, tensor.toByteString())));
        assertThatThrownBy(() -> OnnxReader.read(file))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("\"w\"")
                .hasMessageContaining("damaged");
    }

    @Test
    void weightsInAnotherFileAreRefusedWithTheRemedy() throws Exception {
        prepare();
        ByteString.Output tensor = ByteString.newOutput();
        CodedOutputStream out = CodedOutputStream.newInstance(tensor);
        out.writeInt64(1, 8);
        out.writeInt32(2, 1);
        out.writeString(8, "w");
        out.writeInt32(14, 1);
        out.flush();
        Files.write(file, graph(field(5, tensor.toByteString())));
        assertThatThrownBy(() -> OnnxReader.read(file))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("\"w\" lie in another file")
                .hasMessageContaining("external_data=False");
        remove();
    }

    private static byte[] graph(ByteString content) throws IOException {
        return field(7, content).toByteArray();
    }

    private static ByteString field(int number, ByteString value) throws IOException {
        ByteString.Output made = ByteString.newOutput();
        CodedOutputStream out = CodedOutputStream.newInstance(made);
        out.writeBytes(number, value);
        out.flush();
        return made.toByteString();
    }
}
