package org.mobilenetv3.trained;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.util.JsonUtils;
import com.google.gson.JsonSyntaxException;
import com.google.gson.reflect.TypeToken;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.Map;
import java.util.zip.ZipException;
import org.mobilenetv3.Task;
import org.mobilenetv3.runtime.TorchRuntime;
import org.mobilenetv3.torchscript.Script;
import org.mobilenetv3.torchscript.TorchScriptWriter;

/** An exported TorchScript file, run by libtorch on the CPU; several threads may ask it at once. */
public final class TorchScriptNet implements TrainedNet {

    /** The file inside that holds the description. */
    public static final String DESCRIPTION = "mobilenetv3.json";

    private final NDManager manager;
    private final Script script;
    private final NetDescription description;

    private TorchScriptNet(NDManager manager, Script script, NetDescription description) {
        this.manager = manager;
        this.script = script;
        this.description = description;
    }

    static TorchScriptNet open(Path file, Device device, int threads) throws IOException {
        NetDescription description = NetDescription.fromMetadata(file, metadata(file));
        TorchRuntime.start(threads);
        NDManager manager = NDManager.newBaseManager(device, "PyTorch");
        try {
            return new TorchScriptNet(manager, Script.open(manager, file), description);
        } catch (IOException e) {
            manager.close();
            throw e;
        }
    }

    private static Map<String, String> metadata(Path file) throws IOException {
        try {
            String json = TorchScriptWriter.extra(file, DESCRIPTION);
            Map<String, String> metadata =
                    JsonUtils.GSON.fromJson(
                            json, new TypeToken<Map<String, String>>() {}.getType());
            return metadata == null ? Map.of() : metadata;
        } catch (ZipException | JsonSyntaxException e) {
            throw new IOException(file + " is damaged: it is no whole TorchScript file.", e);
        }
    }

    @Override
    public NetDescription description() {
        return description;
    }

    @Override
    public float[] logits(FloatBuffer images, Shape shape) {
        description.requireImages(images, shape);
        boolean detects = description.architecture().task() == Task.DETECT;
        if (detects) {
            description.requireSize(shape);
        }
        try (NDManager scope = manager.newSubManager()) {
            NDList outputs = script.inferAll("forward", scope.create(images.slice(), shape));
            NDArray answer = detects ? NDArrays.concat(outputs, 2) : outputs.singletonOrThrow();
            return answer.toFloatArray();
        }
    }

    @Override
    public void close() {
        script.close();
        manager.close();
    }
}
