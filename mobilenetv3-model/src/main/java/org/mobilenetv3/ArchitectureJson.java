package org.mobilenetv3;

import com.google.gson.JsonArray;
import com.google.gson.JsonDeserializationContext;
import com.google.gson.JsonDeserializer;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonPrimitive;
import com.google.gson.JsonSerializationContext;
import com.google.gson.JsonSerializer;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.mobilenetv3.Architecture.Last;
import org.mobilenetv3.Architecture.Stem;
import org.mobilenetv3.Head.Classifier;
import org.mobilenetv3.Head.Hidden;
import org.mobilenetv3.Head.LrAspp;
import org.mobilenetv3.Head.SsdLite;
import org.mobilenetv3.graph.Nonlinearity;
import org.mobilenetv3.nn.BlockSpec;
import org.mobilenetv3.nn.Conventions;
import org.mobilenetv3.nn.Gate;
import org.mobilenetv3.nn.InvertedResidual;
import org.mobilenetv3.nn.Norm;
import org.mobilenetv3.nn.Padding;
import org.mobilenetv3.nn.ParameterNames;
import org.mobilenetv3.nn.ResidualBlock;

/**
 * Architectures as JSON (docs/architectures.md). What a row leaves out has the usual value; what is
 * not known is refused, so that a typing error cannot pass. Reads the form of versions before 0.2
 * too: size, variant, width and dialect.
 */
final class ArchitectureJson
        implements JsonSerializer<Architecture>, JsonDeserializer<Architecture> {

    /** Gates whose first activation is that of the block. */
    private static final String BLOCK = "block";

    private static final String SPATIAL_GATE = "spatialGate";

    /** A head without this is a classifier's, as in files of earlier versions. */
    private static final String TYPE = "type";

    /** Where a table does not say: ImageNet's, or as many as the head has. */
    private static final int CLASSES = 1000;

    private static final String LR_ASPP = "lraspp";
    private static final String SSD_LITE = "ssdlite";

    @Override
    public JsonElement serialize(Architecture net, Type type, JsonSerializationContext context) {
        JsonObject json = new JsonObject();
        json.addProperty("name", net.name());
        json.addProperty("inputChannels", net.inputChannels());
        json.addProperty("classes", net.classes());
        JsonObject stem = new JsonObject();
        stem.addProperty("channels", net.stem().channels());
        stem.addProperty("stride", net.stem().stride());
        stem.addProperty("activation", net.stem().activation().toString());
        json.add("stem", stem);
        JsonArray blocks = new JsonArray();
        net.blocks().forEach(block -> blocks.add(write(block)));
        json.add("blocks", blocks);
        JsonObject last = new JsonObject();
        last.addProperty("channels", net.last().channels());
        last.addProperty("groups", net.last().groups());
        last.addProperty("repeats", net.last().repeats());
        last.addProperty("activation", net.last().activation().toString());
        json.add("last", last);
        json.add("head", write(net.head()));
        Conventions conventions = net.conventions();
        JsonObject norm = new JsonObject();
        norm.addProperty("epsilon", conventions.norm().epsilon());
        norm.addProperty("momentum", conventions.norm().momentum());
        json.add("norm", norm);
        json.addProperty("padding", conventions.padding().toString());
        JsonObject gate = new JsonObject();
        gate.addProperty("function", conventions.gate().function().toString());
        Nonlinearity squeeze = conventions.gate().squeeze();
        gate.addProperty("squeeze", squeeze == null ? BLOCK : squeeze.toString());
        json.add("gate", gate);
        json.addProperty("names", conventions.names().toString());
        return json;
    }

    private static JsonObject write(BlockSpec block) {
        JsonObject row = new JsonObject();
        if (block instanceof InvertedResidual.Spec spec) {
            row.addProperty("kernel", spec.kernel());
            row.addProperty("expanded", spec.expanded());
            row.addProperty("out", spec.out());
            row.addProperty("squeeze", spec.squeeze());
            if (spec.spatial()) { // files without are as those of earlier versions
                row.addProperty(SPATIAL_GATE, true);
            }
            row.addProperty("activation", spec.activation().toString());
            row.add("stride", stride(spec));
            row.addProperty("dilation", spec.dilation());
            row.addProperty("expand", spec.expand());
            row.addProperty("residual", spec.residual());
        } else if (block instanceof ResidualBlock.Spec spec) {
            row.addProperty(TYPE, "dense");
            row.addProperty("kernel", spec.kernel());
            if (spec.inner() != spec.out()) {
                row.addProperty("inner", spec.inner());
            }
            row.addProperty("out", spec.out());
            row.addProperty("squeeze", spec.squeeze());
            row.addProperty("stride", spec.stride());
        }
        return row;
    }

    private static JsonElement stride(BlockSpec block) {
        if (block.rowStride() == block.columnStride()) {
            return new JsonPrimitive(block.rowStride());
        }
        JsonArray both = new JsonArray();
        both.add(block.rowStride());
        both.add(block.columnStride());
        return both;
    }

    private static JsonObject write(Head head) {
        JsonObject json = new JsonObject();
        if (head instanceof LrAspp segments) {
            json.addProperty(TYPE, LR_ASPP);
            json.addProperty("inner", segments.inner());
            json.addProperty("low", segments.low());
        } else if (head instanceof SsdLite detects) {
            json.addProperty(TYPE, SSD_LITE);
            json.addProperty("tap", detects.tap());
            JsonArray extra = new JsonArray();
            detects.extra().forEach(extra::add);
            json.add("extra", extra);
        } else if (head instanceof Classifier classifies) {
            write(classifies, json);
        }
        return json;
    }

    private static void write(Classifier head, JsonObject json) {
        json.addProperty("maxPool", head.maxPool());
        if (head.hidden() != null) {
            JsonObject hidden = new JsonObject();
            hidden.addProperty("width", head.hidden().width());
            hidden.addProperty("activation", head.hidden().activation().toString());
            hidden.addProperty("bias", head.hidden().bias());
            hidden.addProperty("norm", head.hidden().norm());
            hidden.addProperty("pooled", head.hidden().pooled());
            json.add("hidden", hidden);
        }
        json.addProperty("dropout", head.dropout());
    }

    @Override
    public Architecture deserialize(
            JsonElement json, Type type, JsonDeserializationContext context) {
        return read(json);
    }

    static Architecture read(JsonElement json) {
        if (!json.isJsonObject()) {
            throw new JsonParseException("An architecture is a JSON object.");
        }
        try {
            JsonObject object = json.getAsJsonObject();
            return object.has("size") ? earlier(object) : read(new Fields("", object));
        } catch (IllegalArgumentException e) {
            throw new JsonParseException(e.getMessage(), e);
        }
    }

    private static Architecture read(Fields net) {
        Fields stem = net.object("stem");
        Stem first =
                new Stem(
                        stem.integer("channels"),
                        stem.integer("stride", 2),
                        stem.one("activation", Nonlinearity.HARD_SWISH));
        stem.end();
        List<BlockSpec> blocks = new ArrayList<>();
        int in = first.channels();
        for (Fields row : net.objects("blocks")) {
            BlockSpec block = block(row, in);
            row.end();
            blocks.add(block);
            in = block.out();
        }
        Fields last = net.object("last");
        Last convolution =
                new Last(
                        last.integer("channels"),
                        last.integer("groups", 1),
                        last.integer("repeats", 1),
                        last.one("activation", Nonlinearity.HARD_SWISH));
        last.end();
        Head head = head(net.object("head"));
        Architecture read =
                new Architecture(
                        net.text("name", "custom"),
                        net.integer("inputChannels", 3),
                        net.integer("classes", Math.min(CLASSES, head.mostClasses())),
                        first,
                        blocks,
                        convolution,
                        head,
                        conventions(net));
        net.end();
        return read;
    }

    private static BlockSpec block(Fields row, int in) {
        int kernel = row.integer("kernel");
        int out = row.integer("out");
        int squeeze = row.integer("squeeze", 0);
        int[] stride = row.stride();
        switch (row.text(TYPE, "inverted_residual")) {
            case "dense" -> {
                if (stride[0] != stride[1]) {
                    throw row.refuse("stride", "is not the same both ways, as a dense block needs");
                }
                return new ResidualBlock.Spec(
                        kernel, row.integer("inner", out), out, squeeze, stride[0]);
            }
            case "inverted_residual" -> {
                int expanded = row.integer("expanded");
                boolean kept = stride[0] == 1 && stride[1] == 1 && in == out;
                return new InvertedResidual.Spec(
                        kernel,
                        expanded,
                        out,
                        squeeze,
                        row.truth(SPATIAL_GATE, false),
                        row.one("activation", Nonlinearity.HARD_SWISH),
                        stride[0],
                        stride[1],
                        row.integer("dilation", 1),
                        row.truth("expand", expanded != in),
                        row.truth("residual", kept));
            }
            default -> throw row.refuse(TYPE, "must be inverted_residual or dense");
        }
    }

    private static Head head(Fields head) {
        Head read =
                switch (head.text(TYPE, "classifier")) {
                    case "classifier" -> classifier(head);
                    case LR_ASPP -> new LrAspp(head.integer("inner", 128), head.integer("low"));
                    case SSD_LITE -> new SsdLite(head.integer("tap"), head.integers("extra"));
                    default ->
                            throw head.refuse(
                                    TYPE,
                                    "must be classifier, %s or %s".formatted(LR_ASPP, SSD_LITE));
                };
        head.end();
        return read;
    }

    private static Classifier classifier(Fields head) {
        Fields hidden = head.has("hidden") ? head.object("hidden") : null;
        Hidden layer = null;
        if (hidden != null) {
            layer =
                    new Hidden(
                            hidden.integer("width"),
                            hidden.one("activation", Nonlinearity.HARD_SWISH),
                            hidden.truth("bias", true),
                            hidden.truth("norm", false),
                            hidden.truth("pooled", true));
            hidden.end();
        }
        return new Classifier(
                head.truth("maxPool", false), layer, (float) head.number("dropout", 0.2));
    }

    private static Conventions conventions(Fields net) {
        Norm norm = Norm.PAPER;
        if (net.has("norm")) {
            Fields json = net.object("norm");
            norm =
                    new Norm(
                            (float) json.number("epsilon", 1e-3),
                            (float) json.number("momentum", 0.01));
            json.end();
        }
        Gate gate = Gate.PAPER;
        if (net.has("gate")) {
            Fields json = net.object("gate");
            gate =
                    new Gate(
                            json.one("function", Nonlinearity.HARD_SIGMOID),
                            BLOCK.equals(json.text("squeeze", ""))
                                    ? null
                                    : json.one("squeeze", Nonlinearity.RELU));
            json.end();
        }
        return new Conventions(
                norm,
                net.one("padding", Padding.SYMMETRIC),
                gate,
                net.one("names", ParameterNames.MOBILENET_V3));
    }

    /** What versions before 0.2 wrote. */
    private static Architecture earlier(JsonObject json) {
        Fields old = new Fields("", json);
        String size = old.text("size", "").toLowerCase(Locale.ROOT);
        String variant = old.text("variant", "PAPER");
        String dialect = old.text("dialect", "TORCHVISION");
        boolean article = variant.equals("ARTICLE");
        String preset =
                switch (article ? variant : dialect) {
                    case "ARTICLE" -> "article_" + size;
                    case "TORCHVISION" -> "mobilenet_v3_" + size;
                    case "TIMM" -> "mobilenetv3_" + size + "_100";
                    case "PADDLE_OCR" -> "paddleocr_" + size;
                    default -> throw old.refuse("dialect", "is not known");
                };
        Architecture net =
                Presets.of(preset, old.number("width", 1))
                        .withClasses(old.integer("classes"))
                        .withInputChannels(old.integer("inputChannels", 3))
                        .withStemStride(old.integer("stemStride", 2))
                        .withDropout((float) old.number("dropout", article ? 0 : 0.2));
        // Its gates' slope was taken into the weights.
        return net.withConventions(
                article ? net.conventions() : net.conventions().withGate(Gate.PAPER));
    }

    /** The fields of one object, read once each. */
    private static final class Fields {
        private final String path;
        private final JsonObject json;
        private final Set<String> unread;

        Fields(String path, JsonObject json) {
            this.path = path;
            this.json = json;
            unread = new TreeSet<>(json.keySet());
        }

        boolean has(String name) {
            unread.remove(name);
            return json.has(name) && !json.get(name).isJsonNull();
        }

        private JsonElement get(String name) {
            if (!has(name)) {
                throw refuse(name, "is missing");
            }
            return json.get(name);
        }

        Fields object(String name) {
            if (!get(name).isJsonObject()) {
                throw refuse(name, "must be an object");
            }
            return new Fields(path + name + ".", json.getAsJsonObject(name));
        }

        List<Fields> objects(String name) {
            if (!get(name).isJsonArray()) {
                throw refuse(name, "must be a list of rows");
            }
            List<Fields> rows = new ArrayList<>();
            for (JsonElement row : json.getAsJsonArray(name)) {
                String place = "%s%s[%s]".formatted(path, name, rows.size());
                if (!row.isJsonObject()) {
                    throw refuse(name, "must be a list of rows");
                }
                rows.add(new Fields(place + ".", row.getAsJsonObject()));
            }
            return rows;
        }

        double number(String name, double otherwise) {
            if (!has(name)) {
                return otherwise;
            }
            if (json.get(name) instanceof JsonPrimitive number && number.isNumber()) {
                return number.getAsDouble();
            }
            throw refuse(name, "must be a number");
        }

        int integer(String name) {
            get(name);
            return integer(name, 0);
        }

        int integer(String name, int otherwise) {
            double value = number(name, otherwise);
            if (value != Math.rint(value) || Math.abs(value) > Integer.MAX_VALUE) {
                throw refuse(name, "must be a whole number");
            }
            return (int) value;
        }

        List<Integer> integers(String name) {
            if (!(get(name) instanceof JsonArray numbers)) {
                throw refuse(name, "must be a list of whole numbers");
            }
            List<Integer> read = new ArrayList<>();
            for (JsonElement number : numbers) {
                Fields one = new Fields(path, new JsonObject());
                one.json.add(name, number);
                read.add(one.integer(name));
            }
            return read;
        }

        boolean truth(String name, boolean otherwise) {
            if (!has(name)) {
                return otherwise;
            }
            if (json.get(name) instanceof JsonPrimitive truth && truth.isBoolean()) {
                return truth.getAsBoolean();
            }
            throw refuse(name, "must be true or false");
        }

        String text(String name, String otherwise) {
            if (!has(name)) {
                return otherwise;
            }
            if (json.get(name) instanceof JsonPrimitive text && text.isString()) {
                return text.getAsString();
            }
            throw refuse(name, "must be a text");
        }

        <E extends Enum<E>> E one(String name, E otherwise) {
            String text = text(name, otherwise.toString());
            for (E value : otherwise.getDeclaringClass().getEnumConstants()) {
                if (value.toString().equals(text)) {
                    return value;
                }
            }
            throw refuse(
                    name,
                    "is %s but must be one of %s"
                            .formatted(
                                    text,
                                    List.of(otherwise.getDeclaringClass().getEnumConstants())));
        }

        /** One number, or rows and columns. */
        int[] stride() {
            if (!has("stride")) {
                return new int[] {1, 1};
            }
            if (json.get("stride") instanceof JsonArray both && both.size() == 2) {
                List<Integer> pair = integers("stride");
                return new int[] {pair.get(0), pair.get(1)};
            }
            int stride = integer("stride");
            return new int[] {stride, stride};
        }

        void end() {
            if (!unread.isEmpty()) {
                throw refuse(unread.iterator().next(), "is not known here");
            }
        }

        IllegalArgumentException refuse(String name, String what) {
            return new IllegalArgumentException(
                    "%s%s of the architecture %s.".formatted(path, name, what));
        }
    }
}
