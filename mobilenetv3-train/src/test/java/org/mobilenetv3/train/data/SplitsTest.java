package org.mobilenetv3.train.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SplitsTest {
    /** Image i holds the number i. */
    private static ImageSet set(int... labels) {
        byte[][] images =
                IntStream.range(0, labels.length)
                        .mapToObj(i -> ByteBuffer.allocate(4).putInt(i).array())
                        .toArray(byte[][]::new);
        return new ImageSet("small", List.of("a", "b"), 1, 1, 4, images, labels);
    }

    private static ImageSet set(int ofA, int ofB) {
        return set(IntStream.range(0, ofA + ofB).map(i -> i < ofA ? 0 : 1).toArray());
    }

    private static Set<ByteBuffer> images(ImageSet... sets) {
        Set<ByteBuffer> images = new HashSet<>();
        for (ImageSet set : sets) {
            Arrays.stream(set.images()).map(ByteBuffer::wrap).forEach(images::add);
        }
        return images;
    }

    @Test
    void validationTakesTenPercentOfEachClassAndLeavesTheTestAlone() {
        ImageSet train = set(80, 20);
        ImageSet test = set(3, 3);
        Splits splits = Splits.carveValidation(train, test, 7);
        assertThat(Arrays.stream(splits.validation().labels()).filter(l -> l == 0).count())
                .isEqualTo(8);
        assertThat(splits.validation().size()).isEqualTo(10);
        assertThat(splits.train().size()).isEqualTo(90);
        assertThat(images(splits.train(), splits.validation())).isEqualTo(images(train));
        assertThat(splits.test()).isSameAs(test);
    }

    @Test
    void validationIsFiveThousandImagesAtMost() {
        Splits splits = Splits.carveValidation(set(50_000, 50_000), set(1, 1), 0);
        assertThat(splits.validation().size()).isEqualTo(5000);
    }

    @Test
    void theSeedChoosesTheValidationImages() {
        ImageSet train = set(80, 20);
        Set<ByteBuffer> first = images(Splits.carveValidation(train, train, 1).validation());
        assertThat(images(Splits.carveValidation(train, train, 1).validation())).isEqualTo(first);
        assertThat(images(Splits.carveValidation(train, train, 2).validation()))
                .isNotEqualTo(first);
    }

    @Test
    void aCarvedTestSetIsTheSameForEverySeedAndInNoOtherPart() {
        ImageSet all = set(80, 20);
        Splits one = Splits.carveTestAndValidation(all, 1);
        Splits two = Splits.carveTestAndValidation(all, 2);
        assertThat(images(one.test())).isEqualTo(images(two.test())).hasSize(10);
        assertThat(images(one.train(), one.validation(), one.test())).isEqualTo(images(all));
        assertThat(one.train().size() + one.validation().size()).isEqualTo(90);
    }

    @Test
    void everyClassKeepsATrainingImageAndGivesOneIfItCan() {
        Splits splits = Splits.carveValidation(set(2, 1), set(1, 1), 0);
        assertThat(splits.validation().labels()).containsExactly(0);
        assertThat(splits.train().labels()).containsExactly(0, 1);
        assertThat(Sentences.of(() -> Splits.carveValidation(set(1, 1), set(1, 1), 0)))
                .contains("small", "3 images per class");
    }

    @Test
    void imagesThatDoNotFitTheSetAreNamed() {
        List<String> classes = List.of("a", "b");
        byte[][] images = {new byte[4], new byte[3]};
        assertThatThrownBy(() -> new ImageSet("s", classes, 1, 2, 2, images, new int[2]))
                .hasMessageContaining("Image 1 of 's' has 3 samples");
        images[1] = new byte[4];
        assertThatThrownBy(() -> new ImageSet("s", classes, 1, 2, 2, images, new int[] {0, 2}))
                .hasMessageContaining("label 2; expected 0 to 1");
        assertThatThrownBy(() -> new ImageSet("s", classes, 1, 2, 2, images, new int[1]))
                .hasMessageContaining("2 images but 1 labels");
    }

    @Test
    void partsOfDifferentShapeAreRefused() {
        ImageSet other =
                new ImageSet(
                        "x", List.of("a", "b"), 1, 2, 2, new byte[][] {new byte[4]}, new int[1]);
        assertThatThrownBy(() -> new Splits(set(1, 1), set(1, 1), other))
                .hasMessageContaining("differ");
    }
}
