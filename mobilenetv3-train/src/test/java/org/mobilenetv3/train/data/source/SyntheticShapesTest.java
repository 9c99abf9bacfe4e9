package org.mobilenetv3.train.data.source;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.mobilenetv3.train.data.ImageSet;
import org.mobilenetv3.train.data.Sentences;
import org.mobilenetv3.train.data.Splits;

class SyntheticShapesTest {
    private static long crc(ImageSet set) {
        CRC32 crc = new CRC32();
        Arrays.stream(set.images()).forEach(crc::update);
        return crc.getValue();
    }

    @Test
    void aSeedMeansTheSameImagesOnEveryMachine() {
        assertThat(crc(SyntheticShapes.generate("train", 200, SyntheticShapes.SEED)))
                .isEqualTo(1337605630L);
    }

    @Test
    void seedsAndPartsShareNoImage() {
        ImageSet train = SyntheticShapes.generate("train", 20, 1);
        assertThat(crc(SyntheticShapes.generate("test", 20, 1))).isNotEqualTo(crc(train));
        assertThat(crc(SyntheticShapes.generate("train", 20, 2))).isNotEqualTo(crc(train));
        assertThat(SyntheticShapes.generate("train", 40, 1).images()[13])
                .isEqualTo(train.images()[13]);
    }

    @Test
    void theStandardSetIsBalancedAndOnlyItsValidationFollowsTheSeed() {
        Splits one = SyntheticShapes.standard(1);
        Splits two = SyntheticShapes.standard(2);
        assertThat(one.train()).hasToString("shapes: 9000 images (3, 32, 32) in 10 classes");
        assertThat(one.validation().size()).isEqualTo(1000);
        assertThat(one.test().size()).isEqualTo(2000);
        assertThat(Arrays.stream(one.train().labels()).filter(l -> l == 4).count()).isEqualTo(900);
        assertThat(crc(two.test())).isEqualTo(crc(one.test()));
        assertThat(crc(two.validation())).isNotEqualTo(crc(one.validation()));
    }

    @Test
    void neitherMeanColorNorPlaceTellsTheClass() {
        ImageSet train = SyntheticShapes.generate("train", 4000, 3);
        ImageSet test = SyntheticShapes.generate("test", 1000, 3);
        double[][] means = new double[10][3072];
        for (int i = 0; i < train.size(); i++) {
            for (int p = 0; p < 3072; p++) {
                means[train.labels()[i]][p] += (train.images()[i][p] & 0xFF) / 400.0;
            }
        }
        int right = 0;
        for (int i = 0; i < test.size(); i++) {
            right += nearest(means, test.images()[i]) == test.labels()[i] ? 1 : 0;
        }
        assertThat(right / 1000.0).isLessThan(0.2);
    }

    private static int nearest(double[][] means, byte[] image) {
        int best = -1;
        double least = Double.MAX_VALUE;
        for (int c = 0; c < means.length; c++) {
            double sum = 0;
            for (int p = 0; p < image.length; p++) {
                double difference = means[c][p] - (image[p] & 0xFF);
                sum += difference * difference;
            }
            if (sum < least) {
                least = sum;
                best = c;
            }
        }
        return best;
    }

    @Test
    void aCountOfZeroIsRefused() {
        assertThat(Sentences.of(() -> SyntheticShapes.generate("train", 0, 1)))
                .contains("0 shapes");
    }
}
