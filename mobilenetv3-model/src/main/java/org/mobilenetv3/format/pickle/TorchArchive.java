package org.mobilenetv3.format.pickle;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.apache.commons.io.input.BoundedInputStream;
import org.mobilenetv3.format.Quoted;

/**
 * The ZIP of a checkpoint. PyTorch stores all entries as they are, so one that is compressed is
 * refused; an entry is never longer than the file.
 */
final class TorchArchive implements Closeable {

    private static final String PICKLE = "data.pkl";

    private final Path file;
    private final ZipFile zip;
    private final String root;
    private final Map<String, ZipEntry> entries;
    private final Set<String> intact = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    private TorchArchive(Path file, ZipFile zip) throws IOException {
        this.file = file;
        this.zip = zip;
        entries = entries(zip);
        root = root(entries.keySet());
    }

    /** Opens the ZIP and checks that it is a checkpoint's. */
    static TorchArchive open(Path file) throws IOException {
        ZipFile zip;
        try {
            zip = new ZipFile(file.toFile());
        } catch (IOException | IllegalArgumentException e) {
            throw new IOException(
                    "it is not a complete ZIP file (%s).".formatted(e.getMessage()), e);
        }
        try {
            TorchArchive archive = new TorchArchive(file, zip);
            archive.check();
            return archive;
        } catch (IOException e) {
            zip.close();
            throw e;
        }
    }

    private static Map<String, ZipEntry> entries(ZipFile zip) throws IOException {
        Map<String, ZipEntry> entries = new HashMap<>();
        try {
            for (var all = zip.entries(); all.hasMoreElements(); ) {
                ZipEntry entry = all.nextElement();
                if (entries.put(entry.getName(), entry) != null) {
                    throw new IOException(
                            "its ZIP has %s twice.".formatted(Quoted.name(entry.getName())));
                }
            }
        } catch (IllegalArgumentException e) { // a name or a field that is none
            throw new IOException("its ZIP's directory is damaged.", e);
        }
        return entries;
    }

    private static String root(Set<String> names) throws IOException {
        String found = null;
        for (String name : names) {
            int slash = name.indexOf('/');
            if (slash >= 0 && name.substring(slash + 1).equals(PICKLE)) {
                if (found != null) {
                    throw new IOException("its ZIP has two entries %s.".formatted(PICKLE));
                }
                found = name.substring(0, slash + 1);
            }
        }
        if (found == null) {
            throw new IOException(
                    "it is a ZIP without an entry %s, so torch.save did not write it."
                            .formatted(PICKLE));
        }
        return found;
    }

    private void check() throws IOException {
        for (String name : entries.keySet()) {
            if (name.equals(root + "constants.pkl") || name.startsWith(root + "code/")) {
                throw new IOException(
                        "it is an exported TorchScript file (torch.jit.save), not a checkpoint; save the weights in Python with torch.save(torch.jit.load(file).state_dict(), 'weights.pth').");
            }
        }
        if (has("byteorder")) {
            String order = new String(read("byteorder", 16), StandardCharsets.UTF_8);
            if (!order.equals("little")) {
                throw new IOException(
                        "its byte order is %s, where only little is read; save it again on an x86 or Arm machine."
                                .formatted(Quoted.name(order)));
            }
        }
    }

    boolean has(String name) {
        return entries.containsKey(root + name);
    }

    /** The pickle that describes the checkpoint. */
    byte[] pickle(int most) throws IOException {
        return read(PICKLE, most);
    }

    /** The size of an entry. */
    long size(String name) throws IOException {
        return entry(name).getSize();
    }

    private ZipEntry entry(String name) throws IOException {
        ZipEntry entry = entries.get(root + name);
        if (entry == null) {
            throw new IOException("its ZIP lacks the entry %s.".formatted(Quoted.name(name)));
        }
        if (entry.getMethod() != ZipEntry.STORED || entry.getSize() != entry.getCompressedSize()) {
            throw new IOException(
                    "the entry %s of its ZIP is compressed, which PyTorch never does; save it again in Python."
                            .formatted(Quoted.name(name)));
        }
        return entry;
    }

    private byte[] read(String name, int most) throws IOException {
        long size = size(name);
        if (size > most) {
            throw new IOException(
                    String.format(
                            Locale.ROOT,
                            "the entry %s has %d bytes, where %d are allowed.",
                            name,
                            size,
                            most));
        }
        try (InputStream in = open(name, 0, size)) {
            return in.readAllBytes();
        }
    }

    /** Begins to read a part of an entry, once the entry has been found intact. */
    InputStream open(String name, long from, long length) throws IOException {
        ZipEntry entry = entry(name);
        if (!intact.contains(name)) {
            verify(entry);
            intact.add(name);
        }
        InputStream in = begin(entry);
        try {
            in.skipNBytes(from);
            return BoundedInputStream.builder().setInputStream(in).setMaxCount(length).get();
        } catch (IOException e) {
            in.close();
            throw e;
        }
    }

    private void verify(ZipEntry entry) throws IOException {
        CRC32 crc = new CRC32();
        long size;
        try (InputStream in = new CheckedInputStream(begin(entry), crc)) {
            size = in.transferTo(OutputStream.nullOutputStream());
        } catch (IOException e) {
            throw new IOException(
                    "%s is damaged: %s cannot be read (%s)."
                            .formatted(file, entry.getName(), e.getMessage()),
                    e);
        }
        if (size != entry.getSize() || crc.getValue() != entry.getCrc()) {
            throw new IOException(
                    "%s is damaged: %s does not have its checksum; download it again."
                            .formatted(file, Quoted.name(entry.getName())));
        }
    }

    private InputStream begin(ZipEntry entry) throws IOException {
        if (closed) {
            throw new IOException(file + " was closed before its tensors were read.");
        }
        return zip.getInputStream(entry);
    }

    @Override
    public void close() throws IOException {
        closed = true;
        zip.close();
    }
}
