package org.mobilenetv3.format.pickle;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.lifecycle.AfterProperty;
import net.jqwik.api.lifecycle.BeforeProperty;
import org.mobilenetv3.format.safetensors.SafeTensors;
import org.mobilenetv3.weights.GoldenWeights;
import org.mobilenetv3.weights.StateDict;

class ForeignWeightsTest {

    /** Bytes that mean something to a pickle, so that random ones get somewhere. */
    private static final byte[] CODES =
            HexFormat.of()
                    .parseHex(
                            "80022e2830314e4a4b4d58424761657375742"
                                    + "97d5d637172686a5152628185868"
                                    + "78a8b8c90919394959600"
                                    + "01ff");

    private Path file;
    private byte[] written;
    private byte[] safe;

    @BeforeProperty
    void prepare() throws IOException {
        file = Files.createTempFile("foreign", ".weights");
        try (StateDict dict = StateDict.open(GoldenWeights.file("types-2.pth"))) {
            TorchCheckpoint.write(file, dict.tensors());
            written = Files.readAllBytes(file);
            SafeTensors.write(file, dict.tensors(), Map.of("note", "here"));
            safe = Files.readAllBytes(file);
        }
    }

    @AfterProperty
    void remove() throws IOException {
        Files.deleteIfExists(file);
    }

    /** Reads a file; null if it was refused in a sentence, which is all else that may happen. */
    private Map<String, List<Object>> read(byte[] bytes) throws IOException {
        Files.write(file, bytes);
        try {
            return GoldenWeights.content(file);
        } catch (IOException e) {
            assertThat(e.getMessage()).endsWith(".").doesNotContain("\n");
            return null;
        }
    }

    private void sameOrRefused(byte[] whole, long seed) throws IOException {
        Map<String, List<Object>> expected = read(whole);
        assertThat(expected).isNotNull();
        byte[] damaged = damage(whole, new Random(seed));
        Map<String, List<Object>> actual = read(damaged);
        if (actual != null) {
            assertThat(actual).isEqualTo(expected);
        }
    }

    @Property(tries = 400)
    void aDamagedCheckpointIsRefusedOrGivesTheSameNumbers(@ForAll long seed) throws IOException {
        sameOrRefused(written, seed);
    }

    @Property(tries = 400)
    void aDamagedCheckpointOfPyTorchsIsRefusedOrGivesTheSameNumbers(@ForAll long seed)
            throws IOException {
        sameOrRefused(Files.readAllBytes(GoldenWeights.file("views.pth")), seed);
    }

    @Property(tries = 400)
    void aDamagedSafetensorsFileOfOursIsRefusedOrGivesTheSameNumbers(@ForAll long seed)
            throws IOException {
        sameOrRefused(safe, seed);
    }

    @Property(tries = 200)
    void aDamagedSafetensorsFileOfOthersIsReadOrRefusedInASentence(@ForAll long seed)
            throws IOException {
        byte[] whole = Files.readAllBytes(GoldenWeights.file("types.safetensors"));
        // Most of the damage goes where it can be told.
        int header = 8 + (int) whole[0] + 256 * whole[1];
        byte[] head = damage(Arrays.copyOf(whole, header), new Random(seed));
        byte[] all = Arrays.copyOf(head, head.length + whole.length - header);
        System.arraycopy(whole, header, all, head.length, whole.length - header);
        read(all);
    }

    @Property(tries = 200)
    void aDamagedPickleIsReadOrRefusedInASentence(@ForAll long seed) throws IOException {
        for (String name : new String[] {"training-2.pth", "training-4.pth", "views.pth"}) {
            byte[] pickle;
            try (TorchArchive archive = TorchArchive.open(GoldenWeights.file(name))) {
                pickle = archive.pickle(1 << 20);
            }
            read(checkpoint(damage(pickle, new Random(seed))));
        }
    }

    @Property(tries = 400)
    void aDamagedPickleOfArraysIsReadOrRefusedInASentence(@ForAll long seed) throws IOException {
        for (String name : new String[] {"types-2.pdparams", "tuples.pdparams", "numpy-5.pickle"}) {
            byte[] whole = Files.readAllBytes(GoldenWeights.file(name));
            read(damage(whole, new Random(seed)));
        }
    }

    @Property(tries = 200)
    void anyOperationsAreReadOrRefusedInASentence(@ForAll long seed) throws IOException {
        Random random = new Random(seed);
        byte[] pickle = new byte[random.nextInt(60)];
        for (int i = 0; i < pickle.length; i++) {
            pickle[i] = CODES[random.nextInt(CODES.length)];
        }
        read(checkpoint(pickle));
        read(join(new byte[] {(byte) 0x80, 2}, pickle)); // read as one of arrays
    }

    @Property(tries = 120)
    void anyBytesAreReadOrRefusedInASentence(@ForAll @Size(max = 300) byte[] bytes)
            throws IOException {
        read(bytes);
        byte[] zip = bytes.clone();
        byte[] begin = {'P', 'K', 3, 4};
        System.arraycopy(begin, 0, zip, 0, Math.min(4, zip.length));
        read(zip);
        ByteBuffer header = ByteBuffer.allocate(9 + bytes.length).order(ByteOrder.LITTLE_ENDIAN);
        header.putLong(bytes.length + 1).put((byte) '{').put(bytes);
        read(header.array());
    }

    private static byte[] checkpoint(byte[] pickle) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        StoredZip zip = new StoredZip(out, "archive");
        zip.add("data.pkl", pickle);
        for (int i = 0; i < 40; i++) {
            zip.add("data/" + i, new byte[8]);
        }
        zip.finish();
        return out.toByteArray();
    }

    /** Flips a bit, overwrites, cuts, inserts, leaves out or repeats some bytes. */
    private static byte[] damage(byte[] whole, Random random) {
        int at = random.nextInt(whole.length);
        int some = Math.min(1 + random.nextInt(24), whole.length - at);
        byte[] noise = new byte[some];
        random.nextBytes(noise);
        byte[] until = Arrays.copyOf(whole, at);
        byte[] from = Arrays.copyOfRange(whole, at, whole.length);
        byte[] after = Arrays.copyOfRange(whole, at + some, whole.length);
        return switch (random.nextInt(7)) {
            case 0, 1 -> {
                byte[] flipped = whole.clone();
                flipped[at] ^= (byte) (1 << random.nextInt(8));
                yield flipped;
            }
            case 2 -> join(until, noise, after);
            case 3 -> until;
            case 4 -> join(until, noise, from);
            case 5 -> join(until, after);
            default -> join(until, Arrays.copyOf(from, some), from);
        };
    }

    private static byte[] join(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }
}
