package org.mobilenetv3.train.data.scene;

import java.io.IOException;
import java.util.List;

/** Scenes to learn from or to be scored on. Several threads may ask for scenes at once. */
public interface SceneSet {

    /**
     * Returns the name of the data set.
     *
     * @return for people, for instance {@code shapes}
     */
    String name();

    /**
     * Returns the classes by index: those of boxes, or those of masks, whose first is usually the
     * background.
     *
     * @return names
     */
    List<String> classes();

    /**
     * Returns how many scenes there are.
     *
     * @return 0 or more
     */
    int size();

    /**
     * Returns one scene, decoded or drawn now or kept in memory.
     *
     * @param index from 0
     * @return the scene in the image's own size
     * @throws IOException if its file cannot be read any more
     */
    Scene scene(int index) throws IOException;

    /**
     * Returns a checksum of images and annotations, by which a resumed run recognizes its data.
     *
     * @return the same number for the same data
     * @throws IOException if a file cannot be read
     */
    long checksum() throws IOException;
}
