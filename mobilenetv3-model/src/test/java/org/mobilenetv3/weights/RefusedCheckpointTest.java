package org.mobilenetv3.weights;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mobilenetv3.format.pickle.StoredZip;

@Timeout(60)
class RefusedCheckpointTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "evil-reduce.pth|wants to call 'posix.system'",
                "evil-posix.pth|wants to call 'posix.system'",
                "evil-stack-global.pth|wants to call 'builtins.eval'",
                "evil-getattr.pth|wants to call 'builtins.getattr'",
                "evil-nested-name.pth|wants to call 'torch._utils.os.system'",
                "evil-load.pth|wants to call 'torch.load'",
                "evil-build.pth|wants to call 'builtins.object'",
                "evil-inst.pth|operation 0x69",
                "evil-obj.pth|operation 0x6f",
                "evil-persid.pth|operation 0x50",
                "evil-ext.pth|operation 0x82",
                "evil-newobj.pth|makes a torch.FloatStorage in a way",
            })
    void whatWouldRunCodeIsNamedAndRefused(String name, String phrase) {
        assertThat(refusal(name)).contains(phrase);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "module.pth|whole Python object of class '__main__.Net' (torch.save(model))",
                "legacy.pth|before 1.6",
                "legacy.pth.tar|torch.save(torch.load('legacy.pth.tar'), 'legacy.pth.tar')",
                "torchscript.pt|exported TorchScript file",
                "complex.pth|'torch.ComplexFloatStorage', which are not read",
                "negative.pth|a tensor with the state '[neg]'",
                "list.pth|no dict of tensors",
                "cycle.pth|no tensors",
                "no-pickle.pth|torch.save did not write it",
            })
    void whatIsNoStateDictIsRefusedWithWhatToDo(String name, String phrase) {
        assertThat(refusal(name)).contains(phrase);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "laughs.pth|no tensors",
                "deep.pth|no dict of tensors",
                "deep-tuples.pth|no tensors",
                "long4.pth|asks for 2147483647 bytes",
                "long4-negative.pth|asks for 18446744073709551615 bytes",
                "unicode.pth|asks for 4294967295 bytes",
                "unicode8.pth|asks for 9223372036854775807 bytes",
                "bytes8.pth|asks for 18446744073709551615 bytes",
                "frame.pth|pops from an empty stack",
                "protocol-0.pth|operation 0x64",
                "no-stop.pth|asks for 1 bytes",
                "memo.pth|reads memo 7",
                "deflated.pth|compressed",
                "compressed-storage.pth|compressed",
            })
    void bombsAndLyingLengthsAreRefusedAtOnce(String name, String phrase) {
        assertThat(refusal(name)).contains(phrase);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "no-storage.pth|lacks the entry 'data/0'",
                "key.pth|lacks the entry 'data/../data.pkl'",
                "small-storage.pth|'data/0' has 8 bytes",
                "large-storage.pth|too many for",
                "outside.pth|does not lie in its storage",
                "offset.pth|does not lie in its storage",
                "negative-offset.pth|does not lie in its storage",
                "negative-stride.pth|does not lie in its storage",
                "negative-size.pth|cannot have the shape [-2]",
                "overflow.pth|cannot have the shape",
                "overflow-stride.pth|does not lie in its storage",
                "strides.pth|does not lie in its storage",
                "expanded.pth|too many for",
                "big-endian.pth|byte order is 'big'",
                "twice.pth|twice",
            })
    void tensorsThatDoNotLieInTheFileAreRefused(String name, String phrase) {
        assertThat(refusal(name)).contains(phrase);
    }

    @Test
    void aPickleOfMoreStepsThanAnyCheckpointTakesIsRefusedBeforeItFillsTheMemory(
            @TempDir Path temporary) throws IOException {
        byte[] pickle = new byte[20_000_000];
        for (int i = 0; i < pickle.length; i += 2) {
            pickle[i] = '}'; // a dict,
            pickle[i + 1] = (byte) 0x94; // to be remembered
        }
        Path file = temporary.resolve("many.pth");
        try (OutputStream out = Files.newOutputStream(file)) {
            StoredZip zip = new StoredZip(out, "archive");
            zip.add("data.pkl", pickle);
            zip.finish();
        }
        assertThat(GoldenWeights.sentence(() -> StateDict.open(file)))
                .contains("more than 2000000 steps");
    }

    private static String refusal(String name) {
        String told = GoldenWeights.sentence(() -> GoldenWeights.content(GoldenWeights.file(name)));
        assertThat(told).contains(name);
        return told;
    }
}
