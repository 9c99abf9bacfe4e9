package org.mobilenetv3.export;

import ai.djl.ndarray.NDArray;
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
import org.mobilenetv3.runtime.TorchRuntime;
import org.mobilenetv3.torchscript.Script;
import org.mobilenetv3.torchscript.TorchScriptWriter;
import org.mobilenetv3.zoo.ExportedDescription;

/** An exported TorchScript file, run by libtorch on the CPU; several threads may ask it at once. */
public final class TorchScriptNet implements ExportedNet {

    /** The file inside that holds the description. */
    static final String DESCRIPTION = "mobilenetv3.json";

    private final NDManager manager;
    private final Script script;
    private final ExportedDescription description;

    private TorchScriptNet(NDManager manager, Script script, ExportedDescription description) {
        this.manager = manager;
        this.script = script;
        this.description = description;
    }

    static TorchScriptNet open(Path file, int threads) throws IOException {
        ExportedDescription description = ExportedDescription.fromMetadata(file, metadata(file));
        TorchRuntime.start(threads);
        NDManager manager = NDManager.newBaseManager("PyTorch");
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
    public ExportedDescription description() {
        return description;
    }

    @Override
    public float[] logits(FloatBuffer images, long n, long c, long h, long w) {
        description.requireImages(images, n, c, h, w);
        try (NDManager scope = manager.newSubManager();
                NDArray x = scope.create(images.slice(), new Shape(n, c, h, w))) {
            return script.infer("forward", x).toFloatArray();
        }
    }

    @Override
    public void close() {
        script.close();
        manager.close();
    }
}
