package org.mobilenetv3.zoo;

import ai.djl.repository.zoo.ModelZoo;
import ai.djl.repository.zoo.ZooProvider;
import java.util.Set;
import org.mobilenetv3.Architecture;
import org.mobilenetv3.Presets;
import org.mobilenetv3.runtime.TorchRuntime;

/** Registers {@code org.mobilenetv3} with DJL's ModelZoo; DJL finds it on the class path. */
public final class MobileNetV3ZooProvider implements ZooProvider {

    /** Takes packages of any architecture. */
    static final String ANY = "mobilenet";

    /** Creates the provider; DJL does. */
    public MobileNetV3ZooProvider() {}

    /**
     * Returns the zoo, and applies the native guards while there is still time: DJL asks for all
     * zoos before it loads an engine.
     */
    @Override
    public ModelZoo getModelZoo() {
        TorchRuntime.prepare();
        return new MobileNetV3Zoo();
    }

    /**
     * Returns the artifact under which DJL's ModelZoo finds packages of a net.
     *
     * @param net the architecture
     * @return the preset's name, or {@code mobilenet} for own nets
     */
    public static String artifact(Architecture net) {
        String preset = net.name().replaceFirst("_w[0-9.]+$", "");
        return Presets.names().contains(preset) ? preset : ANY;
    }

    private static final class MobileNetV3Zoo extends ModelZoo {

        MobileNetV3Zoo() {
            Presets.names().forEach(name -> addModel(new MobileNetV3Loader(name)));
            addModel(new MobileNetV3Loader(ANY));
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
