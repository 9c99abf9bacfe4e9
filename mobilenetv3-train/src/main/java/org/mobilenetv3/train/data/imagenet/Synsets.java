package org.mobilenetv3.train.data.imagenet;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;
import java.util.OptionalInt;

/**
 * The 1000 classes of ImageNet-1k (ILSVRC2012) as WordNet's ids of synsets, {@code n01440764} and
 * so on. A class's index is its place in their sorted order, as in torchvision, timm and Caffe; the
 * organizers' own development kit numbers them differently.
 */
public final class Synsets {

    /** Sorted. */
    private static final List<String> IDS = read();

    private Synsets() {}

    private static List<String> read() {
        try (BufferedReader lines =
                new BufferedReader(
                        new InputStreamReader(
                                Synsets.class.getResourceAsStream("synsets.txt"),
                                StandardCharsets.US_ASCII))) {
            return lines.lines().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns the ids by class index. */
    public static List<String> ids() {
        return IDS;
    }

    /**
     * Returns whether a text has the form of an id, whether or not it is one of the 1000.
     *
     * @param text any text
     * @return whether it is n and eight digits
     */
    static boolean isForm(String text) {
        return text.matches("n\\d{8}");
    }

    /**
     * Returns the index of a class.
     *
     * @param id of a synset
     * @return 0 to 999; empty if it is none of the 1000
     */
    static OptionalInt index(String id) {
        int place = Collections.binarySearch(IDS, id);
        return place < 0 ? OptionalInt.empty() : OptionalInt.of(place);
    }
}
