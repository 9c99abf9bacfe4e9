package org.mobilenetv3.train.report;

import java.awt.Font;
import java.awt.font.FontRenderContext;
import java.awt.geom.AffineTransform;
import java.util.Optional;
import java.util.function.Supplier;

/** Draws if Java has fonts: without them a run must not fail at its very end. */
public final class Drawing {

    static {
        // Needs no screen: a dead X11 connection must not matter, nor a Mac show an icon.
        if (System.getProperty("java.awt.headless") == null) {
            System.setProperty("java.awt.headless", "true");
        }
    }

    private Drawing() {}

    /**
     * Draws, or does nothing on a system without fonts.
     *
     * @param drawing draws
     * @param <T> what it gives
     * @return the drawing, or empty
     */
    public static <T> Optional<T> of(Supplier<T> drawing) {
        return hasFonts() ? Optional.of(drawing.get()) : Optional.empty();
    }

    /** Returns whether Java can write text here. */
    public static boolean hasFonts() {
        try {
            Font font = new Font(Font.SANS_SERIF, Font.PLAIN, 12);
            FontRenderContext context = new FontRenderContext(new AffineTransform(), true, true);
            return !font.createGlyphVector(context, "0").getOutline().getBounds2D().isEmpty();
        } catch (OutOfMemoryError | StackOverflowError e) {
            throw e;
        } catch (Error | RuntimeException e) {
            // JDK 17 throws Error itself without fonts, and others without fontconfig or freetype.
            return false;
        }
    }
}
