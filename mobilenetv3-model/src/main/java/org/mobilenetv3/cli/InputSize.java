package org.mobilenetv3.cli;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.mobilenetv3.preprocessing.Fit;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** What {@code --input-size} says: one number for squares, or height and width. */
public final class InputSize implements ITypeConverter<Fit> {

    /** For {@code --input-size} of data. */
    public static final String DESCRIPTION =
            "To what images are brought: 224 for squares from their middle (nets that segment: the"
                    + " whole image, its shorter side so long), or HEIGHTxWIDTH, as 48x192, for"
                    + " lines of text: resized to the height and padded on the right (default: as"
                    + " they are).";

    private static final Pattern FORM = Pattern.compile("([1-9]\\d{0,4})(?:x([1-9]\\d{0,4}))?");

    /** Creates the converter; picocli does. */
    public InputSize() {}

    @Override
    public Fit convert(String text) {
        Matcher form = FORM.matcher(text);
        if (!form.matches()) {
            throw new TypeConversionException(
                    "'%s' is no size; give pixels as 224, or HEIGHTxWIDTH as 48x192"
                            .formatted(text));
        }
        int height = Integer.parseInt(form.group(1));
        return form.group(2) == null
                ? Fit.CenterCrop.photograph(height)
                : new Fit.PadRight(height, Integer.parseInt(form.group(2)));
    }

    /**
     * Returns what the option must have been; it does not say the interpolation.
     *
     * @param fit what came of it
     * @return how it is written
     */
    public static String text(Fit fit) {
        return fit instanceof Fit.CenterCrop || fit instanceof Fit.WholeImage
                ? Integer.toString(fit.height())
                : fit.height() + "x" + fit.width();
    }
}
