package org.mobilenetv3.train.data.annotation;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.mobilenetv3.detection.Box;
import org.mobilenetv3.image.Pixels;
import org.mobilenetv3.segmentation.Mask;
import org.mobilenetv3.train.data.scene.Scene;

/** Photographs that were taken with the camera turned; the stored ones are 40 wide and 20 high. */
class TurnedTest {
    private static final int STORED_WIDTH = 40;
    private static final int STORED_HEIGHT = 20;

    @TempDir private Path folder;
    private SceneFiles files;

    @BeforeEach
    void prepare() {
        files = new SceneFiles(folder);
    }

    /** Where a stored pixel is in the picture that Pixels reads, found by its own samples. */
    private static int[] found(Pixels picture, int x, int y) throws IOException {
        // Red grows with the stored column and green with the stored row.
        int best = Integer.MAX_VALUE;
        int[] place = {0, 0};
        int plane = picture.height() * picture.width();
        for (int row = 0; row < picture.height(); row++) {
            for (int column = 0; column < picture.width(); column++) {
                int at = row * picture.width() + column;
                int red = (picture.data()[at] & 0xFF) - x * 255 / STORED_WIDTH;
                int green = (picture.data()[plane + at] & 0xFF) - y * 255 / STORED_HEIGHT;
                if (red * red + green * green < best) {
                    best = red * red + green * green;
                    place = new int[] {column, row};
                }
            }
        }
        return place;
    }

    private Scene scene(int orientation, int width, int height) throws IOException {
        files.turned("images/a.jpg", STORED_WIDTH, STORED_HEIGHT, orientation)
                .text(
                        "a.json",
                        "{\"images\":[{\"id\":1,\"file_name\":\"a.jpg\",\"width\":%s,\"height\":%s}],"
                                        .formatted(width, height)
                                + "\"annotations\":[{\"image_id\":1,\"category_id\":1,\"bbox\":[4,2,6,4],"
                                + "\"segmentation\":[[4,2,10,2,10,6,4,6]]}],"
                                + "\"categories\":[{\"id\":1,\"name\":\"x\"}]}");
        Scene boxes = files.parts(false, "x").train().scene(0);
        Scene masks = files.parts(true, "background", "x").train().scene(0);
        return new Scene(boxes.image(), boxes.boxes(), masks.mask());
    }

    private static Box around(Mask mask) {
        int left = mask.width();
        int top = mask.height();
        int right = 0;
        int bottom = 0;
        for (int y = 0; y < mask.height(); y++) {
            for (int x = 0; x < mask.width(); x++) {
                if (mask.at(y, x) == 1) {
                    left = Math.min(left, x);
                    top = Math.min(top, y);
                    right = Math.max(right, x + 1);
                    bottom = Math.max(bottom, y + 1);
                }
            }
        }
        return new Box(left, top, right, bottom);
    }

    @ParameterizedTest
    @ValueSource(ints = {5, 6, 7, 8})
    void annotationsOfTheStoredPixelsAreTurnedAlong(int orientation) throws IOException {
        Scene scene = scene(orientation, STORED_WIDTH, STORED_HEIGHT);
        assertThat(scene.image().height()).isEqualTo(STORED_WIDTH);
        int[] first = found(scene.image(), 4, 2);
        int[] last = found(scene.image(), 9, 5);
        Box box = scene.boxes().get(0).box();
        assertThat(box.width() * box.height()).isEqualTo(24);
        // JPEG changes samples a little, so a pixel more or less.
        assertThat(box.left())
                .isBetween(Math.min(first[0], last[0]) - 1.0, Math.min(first[0], last[0]) + 1.0);
        assertThat(box.top())
                .isBetween(Math.min(first[1], last[1]) - 1.0, Math.min(first[1], last[1]) + 1.0);
        assertThat(around(scene.mask())).isEqualTo(box);
        assertThat(files.told())
                .contains(
                        "1 turned photograph was annotated before turning: boxes and masks are turned along (first: images/a.jpg).");
    }

    @ParameterizedTest
    @CsvSource({"5, 2, 4, 6, 10", "6, 14, 4, 18, 10", "7, 14, 30, 18, 36", "8, 2, 30, 6, 36"})
    void theTurnedBoxIsKnown(int orientation, double left, double top, double right, double bottom)
            throws IOException {
        assertThat(scene(orientation, STORED_WIDTH, STORED_HEIGHT).boxes().get(0).box())
                .isEqualTo(new Box(left, top, right, bottom));
    }

    @ParameterizedTest
    @ValueSource(ints = {5, 6, 7, 8})
    void annotationsOfTheUprightPictureStay(int orientation) throws IOException {
        Scene scene = scene(orientation, STORED_HEIGHT, STORED_WIDTH);
        assertThat(scene.boxes().get(0).box()).isEqualTo(new Box(4, 2, 10, 6));
        assertThat(around(scene.mask())).isEqualTo(new Box(4, 2, 10, 6));
        assertThat(files.told()).noneMatch(text -> text.contains("turned"));
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 4})
    void whereTheSizeTellsNothingAnnotationsAreTakenToBeUpright(int orientation)
            throws IOException {
        Scene scene = scene(orientation, STORED_WIDTH, STORED_HEIGHT);
        assertThat(scene.boxes().get(0).box()).isEqualTo(new Box(4, 2, 10, 6));
        assertThat(files.told())
                .contains(
                        "1 turned photograph does not tell by its size whether it was annotated before turning: taken to be annotated upright (first: images/a.jpg).");
    }

    @Test
    void anImageWithoutASizeInItsAnnotationsIsTakenToBeUpright() throws IOException {
        assertThat(scene(6, 0, 0).boxes().get(0).box()).isEqualTo(new Box(4, 2, 10, 6));
        assertThat(files.told()).anyMatch(text -> text.contains("taken to be annotated upright"));
    }

    @Test
    void aMaskOfTheStoredPixelsIsTurnedAlong() throws IOException {
        int[][] rows = new int[STORED_HEIGHT][STORED_WIDTH];
        rows[0][0] = 1;
        files.turned("images/a.jpg", STORED_WIDTH, STORED_HEIGHT, 6)
                .gray("masks/a.png", rows)
                .turned("images/b.jpg", STORED_WIDTH, STORED_HEIGHT, 6)
                .gray("masks/b.png", new int[STORED_WIDTH][STORED_HEIGHT]);
        Scene scene = files.parts(true, "background", "x").train().scene(0);
        assertThat(scene.mask().height()).isEqualTo(STORED_WIDTH);
        assertThat(scene.mask().at(0, STORED_HEIGHT - 1)).isEqualTo(1);
        assertThat(files.parts(true, "background", "x").train().scene(1).mask().height())
                .isEqualTo(STORED_WIDTH);
    }
}
