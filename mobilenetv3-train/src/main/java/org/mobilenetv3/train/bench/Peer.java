package org.mobilenetv3.train.bench;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.mobilenetv3.MobileNetV3;

/** A contestant in a process of its own that speaks the protocol of bench/peers.py. */
final class Peer implements Contestant {

    /** torch.compile takes minutes. */
    private static final Duration PREPARATION = Duration.ofMinutes(15);

    private static final Duration RUN = Duration.ofMinutes(5);

    private final String name;
    private final List<String> command;
    private final Map<String, String> environment;
    private final BenchCase work;
    private PeerProcess process;
    private String engine;

    /**
     * Describes a peer; its process starts when it is prepared.
     *
     * @param name what the process knows it by
     * @param command starts the process
     * @param environment set for it; an empty value takes a variable away
     * @param work the case
     */
    Peer(String name, List<String> command, Map<String, String> environment, BenchCase work) {
        this.name = name;
        this.command = command;
        this.environment = environment;
        this.work = work;
        engine = command.get(0);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String engine() {
        return engine;
    }

    @Override
    public boolean ours() {
        return false;
    }

    @Override
    public boolean full() {
        return true;
    }

    @Override
    public Optional<String> prepare() throws IOException {
        process = new PeerProcess(command, environment);
        JsonObject request = new JsonObject();
        request.add("prepare", work.toJson());
        request.addProperty("contestant", name);
        JsonObject answer = process.ask(request, PREPARATION);
        if (answer.has("skip")) {
            return Optional.of(answer.get("skip").getAsString());
        }
        engine = field(answer, "engine").getAsString();
        long parameters = field(answer, "parameters").getAsLong();
        if (parameters != parameters(work)) {
            throw new IOException(
                    String.format(
                            Locale.ROOT,
                            "The net has %,d parameters but ours has %,d: it is another net.",
                            parameters,
                            parameters(work)));
        }
        return Optional.empty();
    }

    /** The trainable parameters of our net; a peer with another number computes another net. */
    static long parameters(BenchCase work) {
        return MobileNetV3.of(work.architecture()).getParameters().values().stream()
                .filter(x -> x.requiresGradient())
                .mapToLong(x -> x.getShape().size())
                .sum();
    }

    @Override
    public double run(int steps) throws IOException {
        JsonObject request = new JsonObject();
        request.addProperty("run", steps);
        double milliseconds = field(process.ask(request, RUN), "ms").getAsDouble();
        if (!(milliseconds > 0)) {
            throw new IOException("A step took %s ms.".formatted(milliseconds));
        }
        return milliseconds;
    }

    private static JsonElement field(JsonObject answer, String field) throws IOException {
        JsonElement value = answer.get(field);
        if (value == null || !value.isJsonPrimitive()) {
            throw new IOException("The answer %s has no '%s'.".formatted(answer, field));
        }
        return value;
    }

    @Override
    public void close() {
        if (process != null) {
            process.close();
            process = null;
        }
    }
}
