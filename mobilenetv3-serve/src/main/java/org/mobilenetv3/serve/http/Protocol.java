package org.mobilenetv3.serve.http;

import ai.djl.util.JsonUtils;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.mobilenetv3.serve.http.Inference.Question;
import org.mobilenetv3.zoo.Preprocessing;

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

    void addTo(RoutesConfig routes) {
        Server.get(routes, "/v2", this::server);
        Server.get(
                routes, "/v2/health/live", context -> Replies.json(context, Map.of("live", true)));
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

    private void server(Context context) {
        String version = Protocol.class.getPackage().getImplementationVersion();
        Replies.json(
                context,
                Map.of(
                        "name",
                        "mobilenetv3",
                        "version",
                        version == null ? "source" : version,
                        "extensions",
                        List.of("binary_tensor_data")));
    }

    private void ready(Context context) {
        if (!models.ready() || !models.alive()) {
            throw new HttpError(503, "The server is starting or stopping.");
        }
        Replies.json(context, Map.of("ready", true));
    }

    private void index(Context context) {
        Replies.json(
                context,
                models.all().stream()
                        .map(
                                model ->
                                        Map.of(
                                                "name",
                                                model.name(),
                                                "version",
                                                model.current().map(ModelVersion::id).orElse(""),
                                                "state",
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
        Replies.json(context, Map.of("name", model.name(), "ready", true));
    }

    private void metadata(Context context) {
        ServedModel model = model(context);
        ModelVersion version = model.hold();
        try {
            requireVersion(context, version);
            Preprocessing input = version.description().preprocessing();
            List<Integer> shape = List.of(-1, input.channels(), input.height(), input.width());
            int classes = version.description().classes().size();
            Map<String, Object> answer = new LinkedHashMap<>();
            answer.put("name", model.name());
            answer.put("versions", List.of(version.id()));
            answer.put("platform", version.platform());
            answer.put("inputs", List.of(input(shape)));
            answer.put("outputs", List.of(tensor("logits", "FP32", List.of(-1, classes))));
            Replies.json(context, answer);
        } finally {
            version.release();
        }
    }

    /** One input, and what may be sent in its place: two would mean that both are wanted. */
    private static Map<String, Object> input(List<Integer> shape) {
        Map<String, Object> pixels = tensor("pixels", "UINT8", shape);
        Map<String, Object> input = tensor("input", "FP32", shape);
        input.put("parameters", Map.of("or", pixels));
        return input;
    }

    private static Map<String, Object> tensor(String name, String type, List<Integer> shape) {
        Map<String, Object> tensor = new LinkedHashMap<>();
        tensor.put("name", name);
        tensor.put("datatype", type);
        tensor.put("shape", shape);
        return tensor;
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
                            InferInput.input(
                                    request,
                                    ByteBuffer.wrap(body, json, body.length - json).slice(),
                                    version.description(),
                                    version.batcher().maxBatch());
                    return new Question(
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
        Map<String, Object> output = new LinkedHashMap<>();
        output.put("name", "logits");
        output.put("datatype", "FP32");
        output.put("shape", List.of(logits.length / classes, classes));
        if (request.binaryOutput()) {
            output.put("parameters", Map.of("binary_data_size", 4 * logits.length));
        } else {
            output.put("data", logits);
        }
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("model_name", model);
        answer.put("model_version", version.id());
        if (request.id() != null) {
            answer.put("id", request.id());
        }
        answer.put("outputs", List.of(output));
        byte[] json = JsonUtils.GSON.toJson(answer).getBytes(StandardCharsets.UTF_8);
        if (!request.binaryOutput()) {
            context.contentType("application/json").result(json);
            return;
        }
        ByteBuffer all =
                ByteBuffer.allocate(json.length + 4 * logits.length)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .put(json);
        for (float logit : logits) {
            all.putFloat(logit);
        }
        context.header(JSON_LENGTH, Integer.toString(json.length));
        context.contentType("application/octet-stream").result(all.array());
    }

    private static int jsonLength(String length, int body) {
        if (length == null) {
            return body;
        }
        if (!length.matches("\\d{1,9}") || Integer.parseInt(length) > body) {
            throw new HttpError(400, JSON_LENGTH + " is no length within the body.");
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
