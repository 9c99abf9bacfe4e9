package org.mobilenetv3.serve.command;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.mobilenetv3.format.Tensor;
import org.mobilenetv3.format.djl.StoredArray;
import org.mobilenetv3.io.WholeFile;
import org.mobilenetv3.trained.NetWithWeights;
import org.mobilenetv3.trained.TrainedNet;

/**
 * Writes the features of images, one NumPy file {@code IMAGE.npz} each: {@code embedding}, {@code
 * (D)}, and {@code stride2} and so on, {@code (C, H, W)}. Files that exist before the command are
 * not replaced.
 */
final class FeatureFiles {

    private final NetWithWeights net;
    private final Path directory;

    private FeatureFiles(NetWithWeights net, Path directory) {
        this.net = net;
        this.directory = directory;
    }

    /**
     * Checks that every file can be written, before the first one is.
     *
     * @param net of a package or a file of weights
     * @param weights where the net was opened from
     * @param directory to write to; made if it is not there
     * @param images the image files
     * @return the writer
     * @throws IOException if a file is there already
     * @throws IllegalArgumentException if the net is an exported file, or two images have one name
     */
    static FeatureFiles of(TrainedNet net, Path weights, Path directory, List<Path> images)
            throws IOException {
        if (!(net instanceof NetWithWeights whole)) {
            throw new IllegalArgumentException(
                    "%s is an exported file, which gives no features but logits only; give --weights the package that it was made from, or leave out --features."
                            .formatted(weights));
        }
        if (Files.exists(directory) && !Files.isDirectory(directory)) {
            throw new IOException(
                    "--features is %s, which is a file; give a directory.".formatted(directory));
        }
        Map<Path, Path> writers = new HashMap<>();
        for (Path image : images) {
            Path target = target(directory, image);
            if (Files.exists(target)) {
                throw new IOException(
                        "%s is there already and is not replaced; delete it or give --features another directory."
                                .formatted(target));
            }
            Path other = writers.put(target, image);
            if (other != null) {
                throw new IllegalArgumentException(
                        "%s and %s would both be written to %s; give them one after the other with two directories."
                                .formatted(other, image, target));
            }
        }
        Files.createDirectories(directory);
        return new FeatureFiles(whole, directory);
    }

    private static Path target(Path directory, Path image) {
        return directory.resolve(image.getFileName() + ".npz");
    }

    /**
     * Computes and writes one image's features.
     *
     * @param image names the file
     * @param input the net's input, {@code (1, c, h, w)}
     * @param shape {@code (1, C, H, W)}
     * @return what was written
     * @throws IOException if it cannot be written
     */
    Written write(Path image, FloatBuffer input, Shape shape) throws IOException {
        Path target = target(directory, image);
        try (NDList batch = net.features(input, shape);
                NDList features = new NDList()) {
            Map<String, long[]> shapes = new LinkedHashMap<>();
            for (NDArray array : batch) {
                Shape single = array.getShape().slice(1);
                NDArray stored = StoredArray.of(Tensor.of(single, array.toFloatArray()));
                stored.setName(array.getName());
                features.add(stored);
                shapes.put(array.getName(), single.getShape());
            }
            WholeFile.write(
                    target,
                    beside -> {
                        try (OutputStream out = Files.newOutputStream(beside)) {
                            features.encode(out, NDList.Encoding.NPZ);
                        }
                    });
            return new Written(target.toString(), shapes, features.get("embedding").toFloatArray());
        }
    }

    /**
     * One image's features.
     *
     * @param file where they are
     * @param shapes of each array, by name
     * @param embedding what the last layer reads
     */
    record Written(String file, Map<String, long[]> shapes, float[] embedding) {

        /** Returns the file and the shapes in it, for people. */
        String line() {
            return shapes.entrySet().stream()
                    .map(s -> s.getKey() + " " + Arrays.toString(s.getValue()))
                    .collect(Collectors.joining(", ", file + ": ", ""));
        }
    }
}
