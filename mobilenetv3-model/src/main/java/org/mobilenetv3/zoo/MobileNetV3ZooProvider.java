package org.mobilenetv3.zoo;

import org.mobilenetv3.Presets;
import ai.djl.repository.zoo.ModelZoo;
import ai.djl.repository.zoo.ZooProvider;
import java.util.Set;
import org.mobilenetv3.runtime.TorchRuntime;

/** Registers {@code org.mobilenetv3} with DJL's ModelZoo; DJL finds it on the class path. */
public final class MobileNetV3ZooProvider implements ZooProvider {

    /** Creates the provider; DJL does. */
    public MobileNetV3ZooProvider() {}

    /**
     * Gives the zoo, and applies the native guards while there is still time: DJL asks for all zoos
     * before it loads an engine.
     */
    @Override
    public ModelZoo getModelZoo() {
        TorchRuntime.prepare();
        return new MobileNetV3Zoo();
    }

    private static final class MobileNetV3Zoo extends ModelZoo {

        MobileNetV3Zoo() {
            Presets.names().forEach(name -> addModel(new MobileNetV3Loader(name)));
        }

        @Override
        public String getGroupId() {
            return MobileNetV3Loader.GROUP_ID;
        }

        @Override
        public Set<String> getSupportedEngines() {
            return Set.of("PyTorch");
        }
    }
}
