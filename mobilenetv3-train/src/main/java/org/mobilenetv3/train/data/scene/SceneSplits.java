package org.mobilenetv3.train.data.scene;

import java.util.List;

/**
 * A data set of scenes in its three parts: fit on {@code train}, choose by {@code validation},
 * report {@code test}.
 *
 * @param train at least two scenes
 * @param validation at least one
 * @param test at least one
 */
public record SceneSplits(SceneSet train, SceneSet validation, SceneSet test) {

    /**
     * Checks that the parts fit together.
     *
     * @throws IllegalArgumentException if classes differ, or a part has too few scenes
     */
    public SceneSplits {
        for (SceneSet part : List.of(validation, test)) {
            if (!part.classes().equals(train.classes())) {
                throw new IllegalArgumentException(
                        "The parts of '%s' have different classes: %s and %s."
                                .formatted(train.name(), train.classes(), part.classes()));
            }
        }
        if (train.size() < 2 || validation.size() < 1 || test.size() < 1) {
            throw new IllegalArgumentException(
                    "'%s' has %s training, %s validation and %s test images; training needs 2, the others 1."
                            .formatted(train.name(), train.size(), validation.size(), test.size()));
        }
    }
}
