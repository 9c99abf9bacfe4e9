package org.mobilenetv3.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.Random;
import org.junit.jupiter.api.Test;

class NormalizationTest {
    @Test
    void everySampleIsScaledShiftedAndDividedInFloat() {
        byte[] image = new byte[3 * 256];
        for (int i = 0; i < image.length; i++) {
            image[i] = (byte) i;
        }
        float[] out = new float[image.length + 5];
        Normalization.IMAGENET.apply(image, 256, out, 5);
        // torch: ((torch.tensor([0, 128, 255]).byte() / 255) - mean) / std
        assertThat(out[5]).isEqualTo(-2.117904f);
        assertThat(out[5 + 256 + 128]).isEqualTo(0.2051822f);
        assertThat(out[5 + 512 + 255]).isEqualTo(2.64f);
        assertThat(out[4]).isZero();
    }

    @Test
    void unitOnlyScalesToZeroToOne() {
        float[] out = new float[2];
        Normalization.unit(2).apply(new byte[] {-1, 51}, 1, out, 0);
        assertThat(out).containsExactly(1f, 0.2f);
    }

    @Test
    void constantsCannotBeChangedThroughTheirArrays() {
        Normalization.CIFAR10.mean()[0] = 9;
        Normalization.CIFAR10.std()[0] = 9;
        float[] mean = {0.5f};
        Normalization own = new Normalization(mean, new float[] {1f});
        mean[0] = 9;
        assertThat(Normalization.CIFAR10.mean()[0]).isEqualTo(0.4914f);
        assertThat(Normalization.CIFAR10.std()[0]).isEqualTo(0.2470f);
        assertThat(own).isEqualTo(Normalization.uniform(1, 0.5f, 1f));
        assertThat(own).hasSameHashCodeAs(Normalization.uniform(1, 0.5f, 1f));
        assertThat(own).isNotEqualTo(Normalization.unit(1));
    }

    @Test
    void unusableFiguresAreRefused() {
        assertThatThrownBy(() -> new Normalization(new float[3], new float[1]))
                .hasMessageContaining("3 means and 1 deviations");
        assertThatThrownBy(() -> Normalization.uniform(1, 0, 0))
                .hasMessageContaining("deviation 0.0");
        assertThatThrownBy(() -> Normalization.uniform(1, Float.NaN, 1))
                .hasMessageContaining("NaN");
        assertThatThrownBy(() -> Normalization.unit(0)).hasMessageContaining("0 means");
    }

    @Test
    void imagesOfMoreThanAPieceAreNormalizedByTheirChannels() {
        int plane = 5000;
        byte[] samples = new byte[2 * 3 * plane];
        new Random(1).nextBytes(samples);
        FloatBuffer out = FloatBuffer.allocate(samples.length);
        Normalization.IMAGENET.apply(ByteBuffer.wrap(samples), plane, out);
        float[][] tables = Normalization.IMAGENET.tables();
        for (int i = 0; i < samples.length; i++) {
            assertThat(out.get(i)).isEqualTo(tables[i / plane % 3][samples[i] & 0xFF]);
        }
        assertThat(out.hasRemaining()).isFalse();
        assertThatThrownBy(
                        () -> Normalization.IMAGENET.apply(ByteBuffer.allocate(4), 1, out.clear()))
                .hasMessage("4 samples are not images of 3 channels of 1.");
    }

    @Test
    void anImageOfOtherChannelsIsRefused() {
        assertThatThrownBy(() -> Normalization.IMAGENET.apply(new byte[4], 4, new float[4], 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("3 channels");
    }
}
