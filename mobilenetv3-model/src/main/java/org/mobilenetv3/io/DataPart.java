package org.mobilenetv3.io;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** A part of a data set, and the names that its folder may have, in any letters. */
public enum DataPart {
    /** What a net learns from. */
    TRAIN("train|training"),
    /** What the best epoch is chosen by. */
    VALIDATION("val|valid|validation|dev"),
    /** What is reported. */
    TEST("test|testing");

    /** A regular expression. */
    private final String names;

    DataPart(String names) {
        this.names = names;
    }

    /**
     * Recognizes a part by its folder's name.
     *
     * @param folder e.g. {@code train}, {@code Training} or {@code VAL}
     * @return the part; none for other names
     */
    public static Optional<DataPart> of(Path folder) {
        return named(folder.getFileName().toString().toLowerCase(Locale.ROOT));
    }

    /**
     * Returns whether a name speaks of a part without being the name of one.
     *
     * @param folder e.g. {@code seg_train}, {@code test_set} or {@code trainset}
     * @return whether one of its words is a part's name
     */
    public static boolean isMeantBy(Path folder) {
        String name = folder.getFileName().toString().toLowerCase(Locale.ROOT);
        return Arrays.stream(name.split("[^\\p{L}]+"))
                .map(word -> word.replaceAll("(sets?|images?|data)$", ""))
                .anyMatch(word -> named(word).isPresent());
    }

    private static Optional<DataPart> named(String name) {
        return Arrays.stream(values()).filter(part -> name.matches(part.names)).findFirst();
    }
}
