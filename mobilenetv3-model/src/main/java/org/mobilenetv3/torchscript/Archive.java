package org.mobilenetv3.torchscript;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.LocalDateTime;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * Writes a TorchScript archive: a ZIP of stored entries whose data begin at multiples of 64 bytes,
 * as {@code torch.jit.save} makes it (caffe2/serialize/inline_container.cc).
 */
final class Archive {

    private static final int ALIGNMENT = 64;
    private static final int LOCAL_HEADER = 30;
    // Any fixed time within DOS's range keeps files reproducible; Java adds a field for others.
    private static final LocalDateTime TIME = LocalDateTime.of(2000, 1, 1, 0, 0);

    private final String root;
    private final Counting counting;
    private final ZipOutputStream zip;

    private Archive(String root, OutputStream out) {
        this.root = root;
        counting = new Counting(out);
        zip = new ZipOutputStream(counting);
        zip.setMethod(ZipOutputStream.STORED);
    }

    /**
     * Writes a module.
     *
     * @param out where to; flushed, not closed
     * @param root name of the folder inside
     * @param source the classes, as TorchScript
     * @param module the object
     * @param extra further files by name, which PyTorch reads through {@code _extra_files}
     * @throws IOException if writing fails
     */
    static void write(
            OutputStream out,
            String root,
            String source,
            Member.Module module,
            Map<String, String> extra)
            throws IOException {
        Archive archive = new Archive(root, out);
        Pickle pickle = new Pickle(module);
        archive.entry("data.pkl", pickle.bytes());
        archive.entry("byteorder", utf8("little"));
        archive.entry("code/__torch__.py", utf8(source));
        archive.entry("constants.pkl", new byte[] {(byte) 0x80, 2, '(', 't', '.'});
        archive.entry("version", utf8("3\n"));
        for (Map.Entry<String, String> file : extra.entrySet()) {
            archive.entry("extra/" + file.getKey(), utf8(file.getValue()));
        }
        List<Member.Tensor> tensors = pickle.tensors();
        for (int i = 0; i < tensors.size(); i++) {
            archive.entry("data/" + i, bytes(tensors.get(i).values().get()));
        }
        archive.zip.finish();
        archive.zip.flush();
    }

    private void entry(String name, byte[] data) throws IOException {
        ZipEntry entry = new ZipEntry(root + "/" + name);
        CRC32 crc = new CRC32();
        crc.update(data);
        entry.setCrc(crc.getValue());
        entry.setSize(data.length);
        entry.setCompressedSize(data.length);
        entry.setTimeLocal(TIME);
        zip.flush();
        // A field "FB" of zeros fills the gap; it is at least its own four bytes long.
        long begin = counting.count + LOCAL_HEADER + utf8(entry.getName()).length + 4;
        int padding = (int) Math.floorMod(-begin, (long) ALIGNMENT);
        ByteBuffer field = ByteBuffer.allocate(4 + padding).order(ByteOrder.LITTLE_ENDIAN);
        field.put((byte) 'F').put((byte) 'B').putShort((short) padding);
        entry.setExtra(field.array());
        zip.putNextEntry(entry);
        zip.write(data);
        zip.closeEntry();
    }

    private static byte[] bytes(float[] values) {
        ByteBuffer buffer =
                ByteBuffer.allocate(Math.multiplyExact(values.length, Float.BYTES))
                        .order(ByteOrder.LITTLE_ENDIAN);
        buffer.asFloatBuffer().put(values);
        return buffer.array();
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** Knows how many bytes went through. */
    private static final class Counting extends OutputStream {
        private final OutputStream out;
        private long count;

        Counting(OutputStream out) {
            this.out = out;
        }

        @Override
        public void write(int b) throws IOException {
            out.write(b);
            count++;
        }

        @Override
        public void write(byte[] bytes, int from, int length) throws IOException {
            out.write(bytes, from, length);
            count += length;
        }

        @Override
        public void flush() throws IOException {
            out.flush();
        }
    }
}
