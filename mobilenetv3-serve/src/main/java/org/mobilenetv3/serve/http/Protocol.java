package org.mobilenetv3.serve.http;

import ai.djl.util.JsonUtils;
import com.google.gson.annotations.SerializedName;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.mobilenetv3.preprocessing.Preprocessing;
import org.mobilenetv3.serve.http.Inference.Task;

/**
 * The Open Inference Protocol, version 2, with binary tensors, as Triton's and KServe's clients
 * speak it.
 */
final class Protocol {

    private static final String JSON_LENGTH = "Inference-Header-Content-Length";

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
            List<InferOutput> outputs) {}

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
            Preprocessing net = version.description().preprocessing();
            List<Integer> shape = List.of(-1, net.channels(), net.height(), net.width());
            // One input, and what may be sent in its place: two would mean that both are wanted.
            TensorMetadata pixels = new TensorMetadata("pixels", "UINT8", shape, null);
            TensorMetadata input =
                    new TensorMetadata("input", "FP32", shape, new Alternative(pixels));
            List<Integer> classes = List.of(-1, version.description().classes().size());
            context.json(
                    new ModelMetadata(
                            model.name(),
                            List.of(version.id()),
                            version.platform(),
                            List.of(input),
                            List.of(new TensorMetadata("logits", "FP32", classes, null))));
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
                            InferRequest.read(
                                    body,
                                    json,
                                    version.batcher().maxBatch() * version.batcher().values());
                    float[] input =
                            InferInput.of(
                                    request,
                                    ByteBuffer.wrap(body, json, body.length - json).slice(),
                                    version.description(),
                                    version.batcher().maxBatch());
                    return new Task(
                            input,
                            logits -> reply(context, model.name(), version, request, logits));
                });
    }

    private static void reply(
            Context context,
            String model,
            ModelVersion version,
            InferRequest request,
            float[] logits) {
        if (!InferInput.finite(logits)) { // JSON cannot say so
            throw new HttpError(400, "The net's answer to this tensor is not finite.");
        }
        int classes = version.description().classes().size();
        int bytes = Float.BYTES * logits.length;
        boolean binary = request.binaryOutput();
        InferOutput output =
                new InferOutput(
                        "logits",
                        "FP32",
                        List.of(logits.length / classes, classes),
                        binary ? new BinarySize(bytes) : null,
                        binary ? null : logits);
        InferAnswer answer = new InferAnswer(model, version.id(), request.id(), List.of(output));
        if (!binary) {
            context.json(answer);
            return;
        }
        byte[] json = JsonUtils.GSON.toJson(answer).getBytes(StandardCharsets.UTF_8);
        ByteBuffer all =
                ByteBuffer.allocate(json.length + bytes).order(ByteOrder.LITTLE_ENDIAN).put(json);
        all.asFloatBuffer().put(logits);
        context.header(JSON_LENGTH, Integer.toString(json.length));
        context.contentType("application/octet-stream").result(all.array());
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
