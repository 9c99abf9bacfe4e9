package org.mobilenetv3.pruning;

import ai.djl.Device;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.util.Pair;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import org.mobilenetv3.Architecture;
import org.mobilenetv3.MobileNetV3;
import org.mobilenetv3.format.Tensor;
import org.mobilenetv3.image.Normalization;
import org.mobilenetv3.preprocessing.Fit;
import org.mobilenetv3.preprocessing.Preprocessing;
import org.mobilenetv3.trained.NetDescription;
import org.mobilenetv3.trained.PackageNet;

/** Nets of random weights whose batch norms do something. */
public final class RandomNets {

    private RandomNets() {}

    public static PackageNet of(Architecture net, int size) throws IOException {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        Random random = new Random(7);
        for (Pair<String, Parameter> p : MobileNetV3.of(net).getParameters()) {
            tensors.put(p.getKey(), tensor(p.getKey(), p.getValue().getShape(), random));
        }
        NetDescription description =
                new NetDescription(
                        net,
                        new Preprocessing(
                                new Fit.CenterCrop(size, size),
                                Normalization.unit(net.inputChannels())),
                        true,
                        NetDescription.numberedClasses(net.classes()),
                        Map.of("metrics", Map.of("top1", 1)));
        return Pruning.open(description, tensors, Device.cpu());
    }

    private static Tensor tensor(String name, Shape shape, Random random) {
        double scale = 0.1;
        double shift = 0;
        if (shape.dimension() > 1) {
            scale = Math.sqrt(2.0 / shape.slice(1).size());
        } else if (name.endsWith("running_var") || name.endsWith("weight")) {
            shift = 1;
        }
        float[] values = new float[Math.toIntExact(shape.size())];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (shift + scale * Math.max(-3, Math.min(3, random.nextGaussian())));
        }
        return Tensor.of(shape, values);
    }
}
