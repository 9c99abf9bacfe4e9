package org.mobilenetv3.serve.command;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.mobilenetv3.detection.FoundObject;
import org.mobilenetv3.drawing.Mark;
import org.mobilenetv3.drawing.Png;
import org.mobilenetv3.drawing.SceneDrawing;
import org.mobilenetv3.image.Pixels;
import org.mobilenetv3.io.WholeFile;
import org.mobilenetv3.trained.TrainedNet;

/** Finds objects in images and writes each with its boxes drawn, {@code IMAGE-boxes.png}. */
final class DetectionFiles {

    private static final String BOXES = "-boxes.png";

    private final TrainedNet net;
    private final PictureFiles files;
    private final double threshold;

    private DetectionFiles(TrainedNet net, PictureFiles files, double threshold) {
        this.net = net;
        this.files = files;
        this.threshold = threshold;
    }

    /**
     * Checks that no file would be written over an image or another's picture.
     *
     * @param net a net that detects
     * @param threshold the least score of an object
     * @param directory to write to, made if it is not there; or null for beside each image
     * @param images the image files
     * @return the writer
     * @throws IOException if the directory is a file or cannot be made
     * @throws IllegalArgumentException if two images have one name, or one is called as a picture
     */
    static DetectionFiles of(TrainedNet net, double threshold, Path directory, List<Path> images)
            throws IOException {
        return new DetectionFiles(
                net, PictureFiles.of(directory, List.of(BOXES), images), threshold);
    }

    /**
     * Finds the objects in one image and draws them.
     *
     * @param file names the picture
     * @param image its pixels
     * @return what was found and written
     * @throws IOException if the picture cannot be written, or the net's runtime fails
     */
    Found write(Path file, Pixels image) throws IOException {
        List<FoundObject> found =
                FoundObject.of(net.detect(image), net.description().classes(), threshold);
        List<Mark> marks =
                found.stream()
                        .map(
                                one ->
                                        Mark.found(
                                                one.box(),
                                                one.index(),
                                                one.className(),
                                                one.score()))
                        .toList();
        Path picture = files.named(file, BOXES);
        WholeFile.write(picture, Png.of(new SceneDrawing(image).mark(marks).picture()));
        return new Found(picture.toString(), image.width(), image.height(), found);
    }

    /**
     * One image's result.
     *
     * @param picture the file of the picture
     * @param width of the image
     * @param height of the image
     * @param objects the likeliest first
     */
    record Found(String picture, int width, int height, List<FoundObject> objects) {}
}
