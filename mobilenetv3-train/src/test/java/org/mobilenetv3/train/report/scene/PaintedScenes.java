package org.mobilenetv3.train.report.scene;

import java.util.Arrays;
import java.util.List;
import org.mobilenetv3.detection.Box;
import org.mobilenetv3.image.Pixels;
import org.mobilenetv3.segmentation.Mask;
import org.mobilenetv3.train.data.scene.LabeledBox;
import org.mobilenetv3.train.data.scene.Scene;
import org.mobilenetv3.train.data.scene.SceneSet;

/** Scenes with two squares each, light on dark; in masks they are classes 1 and 2. */
record PaintedScenes(List<String> classes, int size) implements SceneSet {

    private static final int HEIGHT = 60;
    private static final int WIDTH = 90;

    @Override
    public String name() {
        return "painted";
    }

    static Box box(int label) {
        return new Box(10 + 40 * label, 15, 40 + 40 * label, 45);
    }

    @Override
    public Scene scene(int index) {
        byte[] gray = new byte[HEIGHT * WIDTH];
        byte[] mask = new byte[HEIGHT * WIDTH];
        Arrays.fill(gray, (byte) 40);
        for (int label = 0; label < 2; label++) {
            Box box = box(label);
            for (int y = (int) box.top(); y < box.bottom(); y++) {
                int row = y * WIDTH;
                int left = row + (int) box.left();
                int right = row + (int) box.right();
                Arrays.fill(gray, left, right, (byte) (180 + index));
                Arrays.fill(mask, left, right, (byte) (label + 1));
            }
        }
        return new Scene(
                new Pixels(gray, 1, HEIGHT, WIDTH),
                List.of(new LabeledBox(box(0), 0, false), new LabeledBox(box(1), 1, true)),
                new Mask(mask, HEIGHT, WIDTH));
    }

    @Override
    public long checksum() {
        return size;
    }
}
