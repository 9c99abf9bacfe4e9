package org.mobilenetv3.image;

import java.time.Duration;

/**
 * What decoding an image may cost: small files can claim to be huge, or be slow by intent.
 *
 * @param pixels most pixels that the image may have
 * @param time most time that decoding may take; it is looked at whenever the decoder fetches bytes
 */
public record ImageLimits(long pixels, Duration time) {

    /** As many pixels as Pillow takes before it warns of a decompression bomb, and any time. */
    public static final ImageLimits DEFAULT = new ImageLimits(178_956_970, Duration.ofDays(1));
}
