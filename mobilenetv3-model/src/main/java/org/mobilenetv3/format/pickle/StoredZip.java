package org.mobilenetv3.format.pickle;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.LocalDateTime;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.apache.commons.io.function.IOSupplier;
import org.apache.commons.io.output.CountingOutputStream;

/**
 * Writes a ZIP as PyTorch makes it: entries are stored, and their data begin at multiples of 64
 * bytes (caffe2/serialize/inline_container.cc).
 */
public final class StoredZip {

    private static final int ALIGNMENT = 64;
    private static final int LOCAL_HEADER = 30;
    // From this size on, Java adds a field for sizes of 64 bits before ours.
    private static final long LARGE = 0xFFFFFFFFL;
    private static final int LARGE_FIELD = 20;
    // Any fixed time within DOS's range keeps files reproducible; Java adds a field for others.
    private static final LocalDateTime TIME = LocalDateTime.of(2000, 1, 1, 0, 0);

    private final String root;
    private final CountingOutputStream counted;
    private final ZipOutputStream zip;

    /**
     * Begins a ZIP.
     *
     * @param out where to
     * @param root the folder in which all entries lie
     */
    public StoredZip(OutputStream out, String root) {
        this.root = root;
        counted = new CountingOutputStream(out);
        zip = new ZipOutputStream(counted);
        zip.setMethod(ZipOutputStream.STORED);
    }

    /**
     * Adds an entry.
     *
     * @param name without the root
     * @param data its bytes
     * @throws IOException if writing fails
     */
    public void add(String name, byte[] data) throws IOException {
        add(name, () -> new ByteArrayInputStream(data));
    }

    /**
     * Adds an entry of text, in UTF-8.
     *
     * @param name without the root
     * @param text what it says
     * @throws IOException if writing fails
     */
    public void add(String name, String text) throws IOException {
        add(name, utf8(text));
    }

    /**
     * Adds an entry of any size. It is read twice: a stored entry's checksum stands before it.
     *
     * @param name without the root
     * @param content begins to read its bytes, the same each time
     * @throws IOException if reading or writing fails
     */
    public void add(String name, IOSupplier<InputStream> content) throws IOException {
        ZipEntry entry = new ZipEntry(root + "/" + name);
        CRC32 crc = new CRC32();
        long size;
        try (InputStream in = new CheckedInputStream(content.get(), crc)) {
            size = in.transferTo(OutputStream.nullOutputStream());
        }
        entry.setCrc(crc.getValue());
        entry.setSize(size);
        entry.setCompressedSize(size);
        entry.setTimeLocal(TIME);
        entry.setExtra(padding(utf8(entry.getName()).length + (size >= LARGE ? LARGE_FIELD : 0)));
        zip.putNextEntry(entry);
        try (InputStream in = content.get()) {
            in.transferTo(zip);
        }
        zip.closeEntry();
    }

    /** A field "FB" of zeros fills the gap; it is at least its own four bytes long. */
    private byte[] padding(int variable) throws IOException {
        zip.flush();
        long begin = counted.getByteCount() + LOCAL_HEADER + variable + 4;
        int padding = (int) Math.floorMod(-begin, (long) ALIGNMENT);
        ByteBuffer field = ByteBuffer.allocate(4 + padding).order(ByteOrder.LITTLE_ENDIAN);
        field.put((byte) 'F').put((byte) 'B').putShort((short) padding);
        return field.array();
    }

    /**
     * Ends the ZIP.
     *
     * @throws IOException if writing fails
     */
    public void finish() throws IOException {
        zip.finish();
        zip.flush();
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
