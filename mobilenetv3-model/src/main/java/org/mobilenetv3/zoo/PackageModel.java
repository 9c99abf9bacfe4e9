package org.mobilenetv3.zoo;

import ai.djl.Device;
import ai.djl.MalformedModelException;
import ai.djl.modality.Classifications;
import ai.djl.modality.cv.Image;
import ai.djl.repository.zoo.Criteria;
import ai.djl.repository.zoo.ModelNotFoundException;
import ai.djl.repository.zoo.ZooModel;
import java.io.IOException;
import java.nio.file.Path;
import org.mobilenetv3.io.FileErrors;
import org.mobilenetv3.runtime.TorchRuntime;
import org.mobilenetv3.trained.ModelPackage;

/** Packages as DJL's models, with their translator. */
public final class PackageModel {

    private PackageModel() {}

    /**
     * Opens a package of a net that classifies as DJL does for any application.
     *
     * @param path a package directory or a zip of one
     * @param device where to put the weights, or null for DJL's choice
     * @return the model with its translator; close it after use
     * @throws IOException in one sentence, if the package cannot be used
     * @throws IllegalArgumentException in one sentence, if the net does not classify
     */
    public static ZooModel<Image, Classifications> open(Path path, Device device)
            throws IOException {
        return open(path, Classifications.class, device);
    }

    /**
     * Opens a package as DJL does for any application.
     *
     * @param <O> what the net's task answers
     * @param path a package directory or a zip of one
     * @param output {@code Classifications}, {@code DetectedObjects} or {@code CategoryMask}
     * @param device where to put the weights, or null for DJL's choice
     * @return the model with its translator; close it after use
     * @throws IOException in one sentence, if the package cannot be used
     * @throws IllegalArgumentException in one sentence, if the net answers otherwise
     */
    public static <O> ZooModel<Image, O> open(Path path, Class<O> output, Device device)
            throws IOException {
        ModelPackage found = ModelPackage.find(path); // DJL would hide the reason why it is none
        String directory = found.directory().toString();
        TorchRuntime.start();
        Criteria.Builder<Image, O> criteria = Criteria.builder().setTypes(Image.class, output);
        if (found.subnet() == null) {
            criteria.optModelUrls(url(directory))
                    .optTranslatorFactory(new PackageTranslatorFactory());
        } else { // which has no file of parameters for DJL to read
            criteria.optGroupId(MobileNetV3Loader.GROUP_ID)
                    .optArtifactId(MobileNetV3ZooProvider.ANY)
                    .optArgument("package", directory);
        }
        try {
            return criteria.optDevice(device).build().loadModel();
        } catch (ModelNotFoundException | MalformedModelException e) {
            throw new IOException(
                    "%s cannot be opened: %s".formatted(path, FileErrors.root(e).getMessage()), e);
        }
    }

    /** A URL as DJL splits and parses them, of a URL or of a path with any characters. */
    static String url(String location) {
        // Two letters or more before the colon: C:\ is a drive.
        boolean isUrl = location.matches("[A-Za-z][A-Za-z0-9+.-]+:.*");
        String url = isUrl ? location : Path.of(location).toAbsolutePath().toUri().toString();
        return url.replace(",", "%2C");
    }
}
