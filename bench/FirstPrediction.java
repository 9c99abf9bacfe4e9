import ai.djl.ndarray.types.Shape;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import org.mobilenetv3.trained.GraphNet;
import org.mobilenetv3.trained.TrainedNet;

/** Opens a package without an engine and predicts once: the start that bench/vector.py times. */
class FirstPrediction {

    public static void main(String[] args) throws Exception {
        try (TrainedNet net = GraphNet.open(Path.of(args[0]), 2)) {
            Shape image = new Shape(1, 3, 224, 224);
            net.logits(FloatBuffer.allocate((int) image.size()), image);
        }
    }
}
