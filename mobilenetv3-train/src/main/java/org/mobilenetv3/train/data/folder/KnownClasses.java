package org.mobilenetv3.train.data.folder;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.mobilenetv3.io.FileNames;

/**
 * The classes that folders may be named after.
 *
 * @param names by label
 * @param stranger the end of the sentence about a folder that is named after none
 */
public record KnownClasses(List<String> names, String stranger) {

    /** Those of the training images. */
    static KnownClasses ofTraining(List<String> names) {
        return new KnownClasses(
                names, "is no class of the training images; remove it or add it to train.");
    }

    /** Those of a trained net. */
    static KnownClasses ofNet(List<String> names) {
        String some =
                String.join(", ", names.subList(0, Math.min(3, names.size())))
                        + (names.size() > 3 ? " and others" : "");
        return new KnownClasses(
                names,
                names.get(0).equals("class_0")
                        ? "is no class of the net, whose classes have no names (%s); give them with 'convert --class-names FILE'."
                                .formatted(some)
                        : "is no class of the net (%s); rename or remove it.".formatted(some));
    }

    /**
     * Finds a folder's class; names are compared in one form of Unicode.
     *
     * @throws IOException in one sentence, if there is none
     */
    public int label(Path folder) throws IOException {
        String name = FileNames.asClass(folder);
        for (int i = 0; i < names.size(); i++) {
            if (FileNames.composed(names.get(i)).equals(name)) {
                return i;
            }
        }
        throw new IOException("'%s' %s".formatted(folder, stranger));
    }
}
