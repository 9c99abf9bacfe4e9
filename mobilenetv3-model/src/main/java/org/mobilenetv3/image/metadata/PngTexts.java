package org.mobilenetv3.image.metadata;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/** The chunks of a PNG that may tell how the camera was held: Exif and texts. */
final class PngTexts {
    private static final int SIGNATURE = 8;
    private static final int CHUNK_FRAME = 12;
    private static final int MOST = 1 << 20; // as Pillow

    private final Map<String, byte[]> texts = new HashMap<>();
    private byte[] exif;

    private PngTexts() {}

    /** Reads, wherever the chunks stand; what is broken is left out. */
    static PngTexts of(byte[] file) {
        PngTexts found = new PngTexts();
        ByteBuffer chunks = ByteBuffer.wrap(file);
        int at = SIGNATURE;
        while (at + CHUNK_FRAME <= file.length) {
            int length = chunks.getInt(at);
            if (length < 0 || length > file.length - at - CHUNK_FRAME) {
                break; // it claims more than there is
            }
            String kind = new String(file, at + 4, 4, StandardCharsets.ISO_8859_1);
            if (kind.equals("eXIf")) {
                found.exif = Arrays.copyOfRange(file, at + 8, at + 8 + length);
            } else if (kind.equals("tEXt") || kind.equals("zTXt") || kind.equals("iTXt")) {
                found.readText(kind, Arrays.copyOfRange(file, at + 8, at + 8 + length));
            }
            at += CHUNK_FRAME + length;
        }
        return found;
    }

    private void readText(String kind, byte[] data) {
        int key = zero(data, 0);
        boolean international = kind.equals("iTXt");
        int text = key + (kind.equals("tEXt") ? 1 : international ? 3 : 2);
        if (key < 0 || text > data.length) {
            return;
        }
        boolean compressed = kind.equals("zTXt") || (international && data[key + 1] != 0);
        if (international) { // language and translated key
            int language = zero(data, text);
            int translated = language < 0 ? -1 : zero(data, language + 1);
            if (translated < 0) {
                return;
            }
            text = translated + 1;
        }
        byte[] value = Arrays.copyOfRange(data, text, data.length);
        value = compressed ? inflate(value) : value;
        if (value != null) {
            texts.put(new String(data, 0, key, StandardCharsets.ISO_8859_1), value);
        }
    }

    private static int zero(byte[] data, int from) {
        for (int i = from; i < data.length; i++) {
            if (data[i] == 0) {
                return i;
            }
        }
        return -1;
    }

    private static byte[] inflate(byte[] data) {
        Inflater inflater = new Inflater();
        try {
            inflater.setInput(data);
            byte[] out = new byte[MOST];
            int length = inflater.inflate(out);
            return inflater.finished() ? Arrays.copyOf(out, length) : null;
        } catch (DataFormatException e) {
            return null;
        } finally {
            inflater.end();
        }
    }

    /** Exif, from its chunk or else from ImageMagick's text in hexadecimal; may be empty. */
    byte[] exif() {
        byte[] profile = texts.get("Raw profile type exif");
        if (exif != null || profile == null) {
            return exif == null ? new byte[0] : exif;
        }
        String[] lines = new String(profile, StandardCharsets.ISO_8859_1).split("\n", -1);
        StringBuilder digits = new StringBuilder();
        for (int i = 3; i < lines.length; i++) { // nothing, its name, its length
            digits.append(lines[i].replaceAll("\\s", ""));
        }
        try {
            return HexFormat.of().parseHex(digits);
        } catch (IllegalArgumentException e) {
            return new byte[0];
        }
    }

    /** Adobe's XMP, an XML text; empty if there is none. */
    String xmp() {
        byte[] text = texts.get("XML:com.adobe.xmp");
        return text == null ? "" : new String(text, StandardCharsets.ISO_8859_1);
    }
}
