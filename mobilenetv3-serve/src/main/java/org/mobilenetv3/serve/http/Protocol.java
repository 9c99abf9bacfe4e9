package org.mobilenetv3.serve.http;

import ai.djl.util.JsonUtils;
import com.google.gson.JsonIOException;
import com.google.gson.annotations.SerializedName;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.mobilenetv3.Task;
import org.mobilenetv3.preprocessing.Preprocessing;
import org.mobilenetv3.serve.http.Inference.Work;
import org.mobilenetv3.trained.NetDescription;

/**
 * The Open Inference Protocol, version 2, with binary tensors, as Triton's and KServe's clients
 * speak it.
 */
final class Protocol {

    private static final String JSON_LENGTH = "Inference-Header-Content-Length";

    private static final int MANY_VALUES = 1 << 16;

    private final Models models;
    private final Inference inference;

    Protocol(Models models, Inference inference) {
        this.models = models;
        this.inference = inference;
    }

    // Answers in JSON, which leaves out what is null.

    private record Live(boolean live) {}

    private record Ready(boolean ready) {}

    private record ServerMetadata(String name, String version, List<String> extensions) {}

    private record ModelState(String name, String version, String state) {}

    private record ModelReady(String name, boolean ready) {}

    private record ModelMetadata(
            String name,
            List<String> versions,
            String platform,
            List<TensorMetadata> inputs,
            List<TensorMetadata> outputs) {}

    private record TensorMetadata(
            String name, String datatype, List<Integer> shape, Alternative parameters) {}

    private record Alternative(TensorMetadata or) {}

    private record InferAnswer(
            @SerializedName("model_name") String model,
            @SerializedName("model_version") String version,
            String id,
            Answering parameters,
            List<InferOutput> outputs) {}

    private record Answering(String subnet) {}

    @SuppressWarnings("ArrayRecordComponent") // only written
    private record InferOutput(
            String name,
            String datatype,
            List<Integer> shape,
            BinarySize parameters,
            float[] data) {}

    private record BinarySize(@SerializedName("binary_data_size") int bytes) {}

    void addTo(RoutesConfig routes) {
        Server.get(routes, "/v2", Protocol::server);
        Server.get(routes, "/v2/health/live", context -> context.json(new Live(true)));
        Server.get(routes, "/v2/health/ready", this::ready);
        Server.get(routes, "/v2/repository/index", this::index);
        routes.post("/v2/repository/index", this::index);
        for (String model :
                List.of("/v2/models/{model}", "/v2/models/{model}/versions/{version}")) {
            Server.get(routes, model, this::metadata);
            Server.get(routes, model + "/ready", this::modelReady);
            routes.post(model + "/infer", this::infer);
        }
    }

    private static void server(Context context) {
        String version = Protocol.class.getPackage().getImplementationVersion();
        context.json(
                new ServerMetadata(
                        "mobilenetv3",
                        version == null ? "source" : version,
                        List.of("binary_tensor_data")));
    }

    private void ready(Context context) {
        if (!models.ready() || !models.alive()) {
            throw new HttpError(503, "The server is starting or stopping.");
        }
        context.json(new Ready(true));
    }

    private void index(Context context) {
        context.json(
                models.all().stream()
                        .map(
                                model ->
                                        new ModelState(
                                                model.name(),
                                                model.current().map(ModelVersion::id).orElse(""),
                                                model.current().isPresent()
                                                        ? "READY"
                                                        : "UNAVAILABLE"))
                        .toList());
    }

    private void modelReady(Context context) {
        ServedModel model = model(context);
        if (!models.ready() || model.current().isEmpty()) {
            throw new HttpError(503, "The model is not ready.");
        }
        requireVersion(context, model.current().get());
        context.json(new ModelReady(model.name(), true));
    }

    private void metadata(Context context) {
        ServedModel model = model(context);
        ModelVersion version = model.hold();
        try {
            requireVersion(context, version);
            NetDescription net = version.description();
            Preprocessing of = net.preprocessing();
            boolean any = net.architecture().task() == Task.SEGMENT;
            List<Integer> shape =
                    List.of(-1, of.channels(), any ? -1 : of.height(), any ? -1 : of.width());
            // One input, and what may be sent in its place: two would mean that both are wanted.
            TensorMetadata pixels = new TensorMetadata("pixels", "UINT8", shape, null);
            TensorMetadata input =
                    new TensorMetadata("input", "FP32", shape, new Alternative(pixels));
            List<TensorMetadata> outputs =
                    NetOutputs.of(net).stream()
                            .map(one -> new TensorMetadata(one.name(), "FP32", one.shape(), null))
                            .toList();
            context.json(
                    new ModelMetadata(
                            model.name(),
                            List.of(version.id()),
                            version.platform(),
                            List.of(input),
                            outputs));
        } finally {
            version.release();
        }
    }

    private void infer(Context context) {
        ServedModel model = model(context);
        String length = context.header(JSON_LENGTH);
        inference.answer(
                context,
                model,
                (body, version, pixels, deadline) -> {
                    requireVersion(context, version);
                    int json = jsonLength(length, body.length);
                    InferRequest request =
                            InferRequest.read(body, json, version.batcher().values());
                    Images input =
                            InferInput.of(
                                    request,
                                    ByteBuffer.wrap(body, json, body.length - json).slice(),
                                    version.description(),
                                    version.batcher());
                    return new Work(
                            input,
                            answerBytes(version.description(), input),
                            answer -> {
                                requireFinite(answer.values());
                                return () ->
                                        reply(
                                                context,
                                                model.name(),
                                                version,
                                                request,
                                                input,
                                                answer);
                            });
                });
    }

    /** Logits of each pixel are many: twice what they are, as they are copied into the answer. */
    private static long answerBytes(NetDescription net, Images input) {
        return net.architecture().task() == Task.SEGMENT
                ? 2L * Float.BYTES * input.values() / input.channels() * net.classes().size()
                : 0;
    }

    private static void requireFinite(float[] answer) {
        if (!InferInput.finite(answer)) { // JSON cannot say so
            throw new HttpError(400, "The net's answer to this tensor is not finite.");
        }
    }

    private static void reply(
            Context context,
            String model,
            ModelVersion version,
            InferRequest request,
            Images input,
            Batcher.Answer answered) {
        float[] answer = answered.values();
        String subnet = answered.subnet();
        Inference.tell(context, subnet);
        List<InferOutput> outputs = new ArrayList<>();
        List<float[]> binaries = new ArrayList<>();
        int bytes = 0;
        for (NetOutputs.Output one : NetOutputs.of(version.description(), input, answer)) {
            Boolean binary =
                    request.outputs().isEmpty()
                            ? (Boolean) request.binaryOutputs()
                            : request.outputs().get(one.name());
            if (binary == null) {
                continue; // not asked for
            }
            int size = Float.BYTES * one.values().length;
            outputs.add(
                    new InferOutput(
                            one.name(),
                            "FP32",
                            one.shape(),
                            binary ? new BinarySize(size) : null,
                            binary ? null : one.values()));
            if (binary) {
                binaries.add(one.values());
                bytes += size;
            }
        }
        InferAnswer all =
                new InferAnswer(
                        model,
                        version.id(),
                        request.id(),
                        subnet == null ? null : new Answering(subnet),
                        outputs);
        if (binaries.isEmpty()) {
            writeJson(context, all, answer.length);
            return;
        }
        byte[] json = JsonUtils.GSON.toJson(all).getBytes(StandardCharsets.UTF_8);
        ByteBuffer body =
                ByteBuffer.allocate(json.length + bytes).order(ByteOrder.LITTLE_ENDIAN).put(json);
        FloatBuffer values = body.asFloatBuffer();
        binaries.forEach(values::put);
        context.header(JSON_LENGTH, Integer.toString(json.length));
        context.contentType("application/octet-stream").result(body.array());
    }

    /** Many numbers are written as they become text, which takes several times their memory. */
    private static void writeJson(Context context, InferAnswer answer, int values) {
        if (values <= MANY_VALUES) {
            context.json(answer);
            return;
        }
        context.contentType("application/json");
        try (Writer writer =
                new BufferedWriter(
                        new OutputStreamWriter(context.outputStream(), StandardCharsets.UTF_8))) {
            JsonUtils.GSON.toJson(answer, writer);
        } catch (IOException | JsonIOException e) {
            throw new HttpError(408, "The caller has not read the answer."); // it is gone
        }
    }

    private static int jsonLength(String length, int body) {
        if (length == null) {
            return body;
        }
        if (!length.matches("\\d{1,9}") || Integer.parseInt(length) > body) {
            throw new HttpError(400, JSON_LENGTH + " is not a length within the body.");
        }
        return Integer.parseInt(length);
    }

    private ServedModel model(Context context) {
        return models.get(context.pathParam("model"));
    }

    private static void requireVersion(Context context, ModelVersion version) {
        String asked = context.pathParamMap().get("version");
        if (asked != null && !asked.equals(version.id())) {
            throw new HttpError(404, "There is no such version of this model here.");
        }
    }
}
