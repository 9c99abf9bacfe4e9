package org.mobilenetv3.zoo;

import ai.djl.Model;
import ai.djl.nn.Block;
import ai.djl.nn.BlockFactory;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.mobilenetv3.MobileNetV3;
import org.mobilenetv3.runtime.TorchRuntime;
import org.mobilenetv3.trained.ModelPackage;
import org.mobilenetv3.trained.NetDescription;

/** Builds the net that a package describes; DJL finds it through {@code serving.properties}. */
public final class PackageBlockFactory implements BlockFactory {

    private static final long serialVersionUID = 1L;

    /** Creates the factory; DJL does. */
    public PackageBlockFactory() {}

    /**
     * Builds the net.
     *
     * @throws IOException in one sentence, if the package is foreign or damaged
     */
    @Override
    public Block newBlock(Model model, Path modelPath, Map<String, ?> arguments)
            throws IOException {
        TorchRuntime.start();
        NetDescription description = ModelPackage.read(modelPath).description();
        return MobileNetV3.of(
                description.architecture(), description.preprocessing().normalization());
    }
}
