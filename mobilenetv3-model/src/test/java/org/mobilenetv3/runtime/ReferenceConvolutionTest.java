package org.mobilenetv3.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.mobilenetv3.runtime.ReferenceConvolution.Sizes;

class ReferenceConvolutionTest {

    @Test
    void computesWhatPencilAndPaperGive() {
        float[] image = {1, 2, 3, 4};
        float[] kernel = {1, 2, 3, 4, 5, 6, 7, 8, 9};
        float[] gradient = {1, 0, 0, 2};
        ReferenceConvolution c =
                new ReferenceConvolution(new Sizes(1, 1, 3, 2, 1), image, kernel, gradient);
        assertThat(c.output).containsExactly(77, 67, 47, 37);
        assertThat(c.inputGradient).containsExactly(5 + 2 * 1, 6 + 2 * 2, 8 + 2 * 4, 9 + 2 * 5);
        assertThat(c.weightGradient).containsExactly(2, 4, 0, 6, 9, 2, 0, 3, 4);
    }

    @Test
    void keepsTheGroupsApart() {
        float[] image = {1, 10};
        float[] kernel = {2, 3, 5, 7};
        ReferenceConvolution c =
                new ReferenceConvolution(
                        new Sizes(2, 4, 1, 1, 2), image, kernel, new float[] {1, 1, 1, 1});
        assertThat(c.output).containsExactly(2, 3, 50, 70);
        assertThat(c.inputGradient).containsExactly(5, 12);
        assertThat(c.weightGradient).containsExactly(1, 1, 10, 10);
    }
}
