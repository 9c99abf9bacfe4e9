package org.mobilenetv3.train.data.annotation.format;

import java.util.List;
import java.util.Map;
import org.mobilenetv3.io.DataPart;

/**
 * All that a format's files say.
 *
 * @param format for messages
 * @param classes of objects, without a background, or of mask values, with it; null if nothing
 *     names them
 * @param parts images by part; those that there are
 */
public record Annotations(
        String format, List<String> classes, Map<DataPart, List<AnnotatedImage>> parts) {}
