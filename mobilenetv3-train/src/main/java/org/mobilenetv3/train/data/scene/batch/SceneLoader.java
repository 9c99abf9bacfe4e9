package org.mobilenetv3.train.data.scene.batch;

import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import org.mobilenetv3.train.data.ImageBatch;
import org.mobilenetv3.train.data.Loader;
import org.mobilenetv3.train.data.augment.SplitMix;
import org.mobilenetv3.train.data.scene.Scene;
import org.mobilenetv3.train.data.scene.SceneSet;
import org.mobilenetv3.train.data.scene.augment.RenderedScene;
import org.mobilenetv3.train.data.scene.augment.SceneRenderer;

/**
 * Makes the batches of a {@link SceneSet}.
 *
 * @param <B> what a batch holds
 */
public final class SceneLoader<B extends ImageBatch> extends Loader<B> {
    private final SceneSet set;
    private final SceneRenderer renderer;
    private final Shape image;
    private final Maker<B> maker;

    /**
     * Makes a batch of scenes.
     *
     * @param <B> what it holds
     */
    @FunctionalInterface
    public interface Maker<B extends ImageBatch> {
        /**
         * Makes it.
         *
         * @param memory that holds the images; the batch takes it over
         * @param shape {@code (N, C, H, W)}
         * @param scenes as they are
         * @param seen the same as the net sees them
         * @param indices where they are in their set
         * @return the batch
         */
        B make(
                ImageBatch.Memory memory,
                Shape shape,
                List<Scene> scenes,
                List<RenderedScene> seen,
                int[] indices);
    }

    /**
     * Makes a loader; threads start with the first epoch.
     *
     * @param set the scenes
     * @param renderer makes input of them
     * @param image shape of one input, {@code (C, H, W)}
     * @param options how batches are made
     * @param maker makes them
     */
    public SceneLoader(
            SceneSet set, SceneRenderer renderer, Shape image, Options options, Maker<B> maker) {
        super(set.size(), Math.toIntExact(image.size()), options);
        this.set = set;
        this.renderer = renderer;
        this.image = image;
        this.maker = maker;
    }

    @Override
    protected String name() {
        return set.name();
    }

    @Override
    protected B make(ImageBatch.Memory memory, int epoch, int number, int[] indices) {
        FloatBuffer floats = memory.buffer().asFloatBuffer();
        List<Scene> scenes = new ArrayList<>();
        List<RenderedScene> seen = new ArrayList<>();
        for (int index : indices) {
            Scene scene = scene(index);
            RenderedScene rendered = renderer.render(scene, SplitMix.of(seed(), epoch, index));
            floats.put(rendered.values());
            scenes.add(scene);
            seen.add(rendered);
        }
        Shape shape = new Shape(indices.length).addAll(image);
        return maker.make(memory, shape, scenes, seen, indices);
    }

    private Scene scene(int index) {
        try {
            return set.scene(index);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
