import ai.djl.Device;
import ai.djl.Model;
import ai.djl.basicmodelzoo.cv.classification.MobileNetV2;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import java.nio.file.Path;
import java.util.List;

import org.mobilenetv3.graph.Graph;
import org.mobilenetv3.graph.LayerCost;
import org.mobilenetv3.runtime.TorchRuntime;
import org.mobilenetv3.train.evaluation.Evaluation;
import org.mobilenetv3.train.Learner;
import org.mobilenetv3.train.Replica;
import org.mobilenetv3.train.data.Batch;
import org.mobilenetv3.train.data.BatchLoader;
import org.mobilenetv3.train.data.DataListener;
import org.mobilenetv3.train.data.source.Datasets;
import org.mobilenetv3.train.data.ImageSet;
import org.mobilenetv3.train.data.Splits;
import org.mobilenetv3.train.recipe.Recipe;
import org.mobilenetv3.train.recipe.Schedule;
import org.mobilenetv3.train.run.Score;

/**
 * Trains DJL's own MobileNetV2 on Fashion-MNIST with one of our recipes, on our loop: the peer of
 * docs/accuracy.md, which has the command. Arguments: recipe file, seed, threads, input size.
 */
class TrainMobileNetV2 {

    public static void main(String[] args) throws Exception {
        Recipe recipe = Recipe.of(args[0], "mobilenet_v3_small");
        long seed = Long.parseLong(args[1]);
        TorchRuntime.start(Integer.parseInt(args[2]));
        int size = Integer.parseInt(args[3]);
        Splits data =
                Datasets.load(
                        new Datasets.Request("fashion-mnist", null, new org.mobilenetv3.preprocessing.Fit.CenterCrop(size, size), true, seed, DataListener.SILENT));
        // As ours for small images: the first convolution keeps the size.
        Block net = MobileNetV2.builder().setOutSize(10).optStrides(STRIDES).build();
        Shape one = new Shape(1, 1, size, size);
        try (Model model = Model.newInstance("mobilenet_v2", Device.cpu(), "PyTorch");
                BatchLoader train = loader(data.train(), recipe, seed, true);
                BatchLoader validation = loader(data.validation(), recipe, seed, false);
                BatchLoader test = loader(data.test(), recipe, seed, false)) {
            Replica replica = Replica.of(model, net, one, seed);
            System.out.println(cost(net, one));
            Schedule schedule = Schedule.of(recipe, train.batches());
            try (Learner<Batch> learner = Learner.of(List.of(replica), recipe, null, seed)) {
                for (int epoch = 0; epoch < recipe.epochs(); epoch++) {
                    long begin = System.nanoTime();
                    long step = (long) epoch * train.batches();
                    Score score = Score.NONE;
                    for (Batch batch : train.epoch(epoch)) {
                        try (batch) {
                            score = learner.step(batch, schedule.at(step), step++, score);
                        }
                    }
                    double rate = score.images() / ((System.nanoTime() - begin) / 1e9);
                    Score held = Evaluation.of(replica::logits, validation, s -> true);
                    System.out.printf(
                            "epoch %d/%d  loss %.4f  top-1 %.2f %%  validation top-1 %.2f %%  %,.0f"
                                    + " images/s%n",
                            epoch + 1,
                            recipe.epochs(),
                            score.loss(),
                            100 * score.top1(),
                            100 * held.top1(),
                            rate);
                }
            }
            Score score = Evaluation.of(replica::logits, test, s -> true);
            System.out.printf("test top-1 %.2f %% (last epoch)%n", 100 * score.top1());
        }
    }

    private static final int[] STRIDES = {1, 1, 2, 2, 2, 1, 2, 1, 1};

    private static String cost(Block net, Shape one) {
        List<LayerCost> layers = Graph.trace(net, one).cost();
        return "MobileNetV2: %,d parameters, %,d multiply-adds"
                .formatted(
                        layers.stream().mapToLong(LayerCost::parameters).sum(),
                        layers.stream().mapToLong(LayerCost::multiplyAdds).sum());
    }

    private static BatchLoader loader(ImageSet images, Recipe recipe, long seed, boolean train) {
        BatchLoader.Builder builder =
                BatchLoader.builder()
                        .setSet(images)
                        .setBatchSize(recipe.batchSize())
                        .optNormalization(Datasets.normalization(images))
                        .optSeed(seed)
                        .optShuffle(train)
                        .optThreads(1);
        return (train ? builder.optAugmentation(recipe.augmentation()) : builder).build();
    }
}
