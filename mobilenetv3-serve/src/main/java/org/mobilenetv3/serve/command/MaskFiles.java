package org.mobilenetv3.serve.command;

import java.awt.image.RenderedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import org.mobilenetv3.image.Pixels;
import org.mobilenetv3.io.WholeFile;
import org.mobilenetv3.segmentation.Area;
import org.mobilenetv3.segmentation.Mask;
import org.mobilenetv3.segmentation.MaskImages;
import org.mobilenetv3.trained.TrainedNet;

/**
 * Divides images into classes and writes what comes out, for each two files: {@code
 * IMAGE-mask.png}, whose palette's indices are the classes, and {@code IMAGE-overlay.png}, the mask
 * over the image.
 */
final class MaskFiles {

    private static final String MASK = "-mask.png";
    private static final String OVERLAY = "-overlay.png";

    private final TrainedNet net;
    private final PictureFiles files;

    private MaskFiles(TrainedNet net, PictureFiles files) {
        this.net = net;
        this.files = files;
    }

    /**
     * Checks that no file would be written over an image or another's mask.
     *
     * @param net a net that segments
     * @param directory to write to, made if it is not there; or null for beside each image
     * @param images the image files
     * @return the writer
     * @throws IOException if the directory is a file or cannot be made
     * @throws IllegalArgumentException if two images have one name, or one is called as a mask
     */
    static MaskFiles of(TrainedNet net, Path directory, List<Path> images) throws IOException {
        return new MaskFiles(net, PictureFiles.of(directory, List.of(MASK, OVERLAY), images));
    }

    private Path mask(Path image) {
        return files.named(image, MASK);
    }

    private Path overlay(Path image) {
        return files.named(image, OVERLAY);
    }

    /**
     * Divides one image and writes both files.
     *
     * @param file names them
     * @param image its pixels
     * @return what was written
     * @throws IOException if a file cannot be written, or the net's runtime fails
     */
    Written write(Path file, Pixels image) throws IOException {
        Mask mask = net.mask(image);
        write(mask(file), MaskImages.palette(mask));
        write(overlay(file), MaskImages.overlay(image, mask));
        return new Written(
                mask(file).toString(),
                overlay(file).toString(),
                mask.width(),
                mask.height(),
                Area.of(mask, net.description().classes()));
    }

    private static void write(Path target, RenderedImage image) throws IOException {
        WholeFile.write(target, beside -> ImageIO.write(image, "png", beside.toFile()));
    }

    /**
     * One image's result.
     *
     * @param mask the file of the mask
     * @param overlay the file of the overlay
     * @param width of both, the image's
     * @param height of both, the image's
     * @param areas of the classes that were found, the largest first
     */
    record Written(String mask, String overlay, int width, int height, List<Area> areas) {}
}
