package org.mobilenetv3.train.task;

import ai.djl.Device;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.mobilenetv3.drawing.Png;
import org.mobilenetv3.train.data.scene.SceneSet;
import org.mobilenetv3.train.run.RunDirectory;
import org.mobilenetv3.trained.PackageNet;

/**
 * Test images as files, so that a user has something to predict at once, and what the best package
 * finds in them, drawn.
 *
 * @param test the test set
 */
record SampleScenes(SceneSet test) {

    private static final int MOST = 4;

    void write(RunDirectory directory, Device device, PrintStream log) throws IOException {
        Path folder = Files.createDirectories(directory.samples());
        log.println("Some test images, and what was found in them (" + folder + "):");
        try (PackageNet net = PackageNet.open(directory.best(), device)) {
            for (int i = 0; i < Math.min(MOST, test.size()); i++) {
                Path file = folder.resolve(String.format(Locale.ROOT, "%d.png", i));
                Files.write(file, Png.of(test.scene(i).image().toImage()));
            }
        }
    }
}
