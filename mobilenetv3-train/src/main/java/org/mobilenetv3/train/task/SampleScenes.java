package org.mobilenetv3.train.task;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.mobilenetv3.drawing.Png;
import org.mobilenetv3.runtime.Launcher;
import org.mobilenetv3.train.data.scene.SceneSet;
import org.mobilenetv3.train.run.RunDirectory;

/**
 * Test images as files, so that a user has something to predict at once.
 *
 * @param test the test set
 */
record SampleScenes(SceneSet test) {

    private static final int MOST = 4;

    void write(RunDirectory directory, PrintStream log) throws IOException {
        Path folder = Files.createDirectories(directory.samples());
        for (int i = 0; i < Math.min(MOST, test.size()); i++) {
            Path file = folder.resolve(String.format(Locale.ROOT, "%s-%d.png", test.name(), i));
            Files.write(file, Png.of(test.scene(i).image().toImage()));
        }
        log.printf(
                "Some test images: %s%n  %s predict --weights %s --out found %s/*.png%n",
                folder, Launcher.program(), directory.best(), folder);
    }
}
