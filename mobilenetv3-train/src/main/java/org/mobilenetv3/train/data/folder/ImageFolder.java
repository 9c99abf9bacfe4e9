package org.mobilenetv3.train.data.folder;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.mobilenetv3.image.ImageFiles;
import org.mobilenetv3.preprocessing.Fit;
import org.mobilenetv3.train.data.DataListener;
import org.mobilenetv3.train.data.ImageSet;
import org.mobilenetv3.train.data.Splits;

/**
 * Reads a folder of images by class: {@code root/CLASS/*.png} (jpg, jpeg, bmp, gif; folders within
 * a class belong to it), or the same under {@code root/train}, {@code root/val} and {@code
 * root/test} ({@link org.mobilenetv3.io.DataPart} has all their names). A part that is missing is
 * carved out of the training images. Gray if every image is, otherwise RGB, if nothing else is
 * asked for. Broken files are left out.
 */
public final class ImageFolder {
    private ImageFolder() {}

    /** Whether a directory has class folders with images, itself or under {@code train}. */
    public static boolean isAt(Path root) {
        try {
            for (Path folder : ImageFiles.folders(root)) {
                if (!ImageFiles.images(folder).isEmpty()) {
                    return true;
                }
            }
            return false;
        } catch (IOException e) {
            return false;
        }
    }

    /**
     * Reads the images and brings them to one size, as in prediction.
     *
     * @param fit how, or null: all images have one size
     * @param channels 1 or 3, or null: 1 if every image is gray, otherwise 3
     * @param seed chooses the validation images; carved test images are the same for every seed
     * @param listener is told which files are left out, and how far reading is
     * @throws IOException in one sentence, if there are not two classes, a class has no image that
     *     can be read, most images cannot or, without {@code fit}, sizes differ
     */
    public static Splits read(
            Path root, Fit fit, Integer channels, long seed, DataListener listener)
            throws IOException {
        requireDirectory(root);
        FolderParts parts = FolderParts.of(root);
        KnownClasses classes = KnownClasses.ofTraining(ClassFolders.classes(parts.train()));
        return read(parts, classes, new FolderReader(fit, channels, listener), seed);
    }

    private static Splits read(
            FolderParts parts, KnownClasses classes, FolderReader reader, long seed)
            throws IOException {
        new LeftOut(reader.listener()).tellOfFolders(parts);
        List<ImageSet> sets =
                reader.read(
                        Arrays.asList(parts.train(), parts.validation(), parts.test()), classes);
        return Splits.completed(sets.get(0), sets.get(1), sets.get(2), seed);
    }

    private static void requireDirectory(Path root) throws IOException {
        if (!Files.isDirectory(root)) {
            throw new IOException(
                    "'" + root + "' is no directory; give one with a folder of images per class.");
        }
    }

    /**
     * Reads the images to score a trained net on. Folders may be fewer than the net has classes.
     *
     * @param root the folder
     * @param request what is asked for
     * @throws IOException in one sentence, if a folder is named after no class of the net, a class
     *     has no image that can be read or most images cannot
     */
    public static ImageSet readForTesting(Path root, TestRequest request) throws IOException {
        requireDirectory(root);
        return new TestImages(root, request).read();
    }
}
