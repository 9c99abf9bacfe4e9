package org.mobilenetv3.train.report;

import java.util.Optional;
import java.util.function.Supplier;
import org.mobilenetv3.drawing.Fonts;

/** Draws if Java has fonts: without them a run must not fail at its very end. */
public final class Drawing {

    private Drawing() {}

    /**
     * Draws, or does nothing on a system without fonts.
     *
     * @param drawing draws
     * @param <T> what it gives
     * @return the drawing, or empty
     */
    public static <T> Optional<T> of(Supplier<T> drawing) {
        return Fonts.available() ? Optional.of(drawing.get()) : Optional.empty();
    }
}
