package org.mobilenetv3.drawing;

import java.awt.Font;
import java.awt.font.FontRenderContext;
import java.awt.geom.AffineTransform;

/** Whether Java can write text here: without fonts nothing must fail, only text is missing. */
public final class Fonts {

    static {
        // Needs no screen: a dead X11 connection must not matter, nor a Mac show an icon.
        if (System.getProperty("java.awt.headless") == null) {
            System.setProperty("java.awt.headless", "true");
        }
    }

    private Fonts() {}

    /**
     * Returns whether Java can write text here.
     *
     * @return false on a system without fonts
     */
    public static boolean available() {
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
