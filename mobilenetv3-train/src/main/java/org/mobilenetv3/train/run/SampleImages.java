package org.mobilenetv3.train.run;

import ai.djl.Device;
import ai.djl.inference.Predictor;
import ai.djl.modality.Classifications;
import ai.djl.modality.cv.Image;
import ai.djl.modality.cv.ImageFactory;
import ai.djl.repository.zoo.ZooModel;
import ai.djl.translate.TranslateException;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import javax.imageio.ImageIO;
import org.mobilenetv3.io.FileErrors;
import org.mobilenetv3.train.data.ImageSet;
import org.mobilenetv3.zoo.PackageModel;

/**
 * Test images as files, one of each class, so that a user has something to predict at once.
 *
 * @param test the test set
 */
public record SampleImages(ImageSet test) {

    private static final int MAX_IMAGES = 10;

    /**
     * Writes up to ten images as PNG and shows what the best package says of each, through DJL's
     * own predictor.
     *
     * @param directory the run, with its best package
     * @param device where to compute
     * @param log told one line per image
     * @throws IOException if the images cannot be written or the package cannot be opened
     */
    public void writeAndPredict(RunDirectory directory, Device device, PrintStream log)
            throws IOException {
        Path folder = Files.createDirectories(directory.samples());
        log.println("Some test images (" + folder + "):");
        try (ZooModel<Image, Classifications> model = PackageModel.open(directory.best(), device);
                Predictor<Image, Classifications> predictor = model.newPredictor()) {
            int classes = Math.min(MAX_IMAGES, test.classes().size());
            for (int label = 0; label < classes; label++) {
                Path file = write(folder, label);
                if (file != null) {
                    Image image = ImageFactory.getInstance().fromFile(file);
                    Classifications.Classification best = predictor.predict(image).best();
                    boolean right = best.getClassName().equals(test.classes().get(label));
                    log.printf(
                            Locale.ROOT,
                            "  %s  %-28s %s %.1f %%%n",
                            right ? "✓" : "✗",
                            file.getFileName(),
                            best.getClassName(),
                            100 * best.getProbability());
                }
            }
        } catch (TranslateException e) {
            throw new IOException("The best package cannot predict: " + FileErrors.sentence(e), e);
        }
    }

    private Path write(Path folder, int label) throws IOException {
        for (int i = 0; i < test.size(); i++) {
            if (test.labels()[i] == label) {
                String name = test.classes().get(label).replaceAll("[^\\p{L}\\p{N}]+", "-");
                Path file = folder.resolve(label + "-" + name + ".png");
                ImageIO.write(test.image(i).toImage(), "png", file.toFile());
                return file;
            }
        }
        return null;
    }
}
