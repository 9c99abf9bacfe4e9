package hostile;

import static hostile.Cases.join;
import static hostile.Cases.latin;
import static hostile.Cases.post;
import static hostile.Cases.words;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Requests of the Open Inference Protocol that a net for 224 pixels cannot take. */
final class TensorCases {

    private static final String ONE = "[1,3,224,224]";
    private static final int VALUES = 3 * 224 * 224;

    private final Cases cases;

    TensorCases(Cases cases) {
        this.cases = cases;
    }

    void addAll() {
        json();
        shapes();
        types();
        values();
        binary();
        headerLength();
        outputs();
    }

    private String input(String name, String type, String shape, String rest) {
        return "{\"inputs\":[{\"name\":%s,\"datatype\":%s,\"shape\":%s%s}]}"
                .formatted(name, type, shape, rest);
    }

    private String data(String values) {
        return input("\"input\"", "\"FP32\"", ONE, ",\"data\":" + values);
    }

    private String full(String name, String type, String shape) {
        return input(name, type, shape, ",\"data\":" + numbers(VALUES, "1"));
    }

    private static String numbers(int count, String first) {
        return "[" + first + ",0.5".repeat(count - 1) + "]";
    }

    private void json() {
        String good = data("[1,2]");
        for (String text :
                words(
                        """
                        null [] "x" 5 { } {} {"inputs":} {"inputs":null} {"inputs":{}} {"inputs":[]}
                        {"inputs":[null]} {"inputs":[5]} {"inputs":[[]]} {"inputs":[{}]} <xml/>
                        {"inputs":[{"name":{}}]} {'inputs':[]} {"id":{}} {"id":null}
                        {"parameters":5}
                        {"parameters":null}
                        """)) {
            cases.infer("JSON " + text.replace('"', '\''), "400", text);
        }
        cases.infer("JSON of nothing", "400", "");
        cases.infer("JSON of control characters", "400", "\0\1\2");
        cases.infer("JSON with a comment", "400", "//\n" + good);
        cases.infer("JSON and more", "400", good + "x");
        cases.infer("JSON that ends twice", "400", good + "}");
        for (int i = 1; i < 16; i++) {
            cases.infer(
                    "JSON cut at " + i + "/16", "400", good.substring(0, good.length() * i / 16));
        }
        String deep = "[".repeat(100_000);
        String objects = "{\"a\":".repeat(100_000);
        cases.infer("deep data", "400", data(deep));
        cases.infer("deep data, closed", "400", data(deep + "]".repeat(100_000)));
        cases.infer("deep shape", "400", input("\"input\"", "\"FP32\"", deep, ""));
        cases.infer("deep parameters", "400", "{\"parameters\":" + objects);
        cases.infer(
                "deep parameters, closed",
                "400",
                "{\"parameters\":" + objects + "1" + "}".repeat(100_001));
        cases.infer("deep outputs", "400", "{\"outputs\":[" + objects);
        cases.infer("deep unknown", "400", "{\"unknown\":" + deep);
        cases.infer(
                "deep unknown, closed", "400", "{\"unknown\":" + deep + "]".repeat(100_000) + "}");
        cases.infer(
                "deep objects, closed",
                "400",
                "{\"u\":" + objects + "1" + "}".repeat(100_000) + "}");
        cases.infer("a string of 10 MB", "400", "{\"id\":\"" + "a".repeat(10_000_000) + "\"}");
        cases.infer("a name of 10 MB", "400", "{\"" + "a".repeat(10_000_000) + "\":1}");
        cases.infer("five million values", "400", data("[1" + ",1".repeat(5_000_000) + "]"));
        cases.infer("a million inputs", "400", "{\"inputs\":[{}" + ",{}".repeat(1_000_000) + "]}");
        cases.infer(
                "a million outputs", "400", "{\"outputs\":[{}" + ",{}".repeat(1_000_000) + "]}");
    }

    private void shapes() {
        for (String shape :
                words(
                        """
                        [0,3,224,224] [-1,3,224,224] [1,3,224] [3,224,224] [1,224,224,3]
                        [1,3,224,225]
                        [1,1,224,224] [1,3,1,1] [1000000,3,224,224] [2147483647,3,224,224]
                        [9223372036854775807,3,224,224] [9223372036854775808,3,224,224]
                        [4294967297,3,224,224] [1,3,65536,65536] [1.5,3,224,224] [1e99,3,224,224]
                        ["a",3,224,224] [null,3,224,224] [] {} null 5 "x" [[1],3,224,224]
                        [1,3,224,224,1] [1,3,-224,-224]
                        """)) {
            cases.infer(
                    "shape " + shape.replace('"', '\''),
                    "400",
                    full("\"input\"", "\"FP32\"", shape));
        }
        String endless = "[1" + ",1".repeat(100_000) + "]";
        cases.infer("shape of 100,000", "400", full("\"input\"", "\"FP32\"", endless));
        cases.infer(
                "no shape",
                "400",
                "{\"inputs\":[{\"name\":\"input\",\"datatype\":\"FP32\",\"data\":[1]}]}");
    }

    private void types() {
        for (String type : words("FP64 FP16 BF16 INT8 INT64 BOOL BYTES fp32 UINT8")) {
            cases.infer("datatype " + type, "400", full("\"input\"", "\"" + type + "\"", ONE));
        }
        for (String type : words("null 5 {} [] true \"\"")) {
            cases.infer("datatype " + type, "400", input("\"input\"", type, ONE, ",\"data\":[1]"));
        }
        cases.infer("pixels as FP32", "400", full("\"pixels\"", "\"FP32\"", ONE));
        for (String name : words("\"foo\" \"\" null 5 \"../input\"")) {
            cases.infer("input " + name.replace('"', '\''), "400", full(name, "\"FP32\"", ONE));
        }
        String one =
                "{\"name\":\"input\",\"datatype\":\"FP32\",\"shape\":[1,3,224,224],\"data\":[1]}";
        cases.infer("two inputs", "400", "{\"inputs\":[" + one + "," + one + "]}");
    }

    private void values() {
        for (String value :
                words(
                        """
                        NaN Infinity -Infinity "NaN" 1e400 1e39 -1e39 null true {} "a" 0x10 1e --1
                        01
                        [[[[[1]]]]]
                        """)) {
            cases.infer("value " + value.replace('"', '\''), "400", data(numbers(VALUES, value)));
        }
        String digits = "9".repeat(1_000_000);
        cases.infer("value of a million digits", "400", data(numbers(VALUES, digits)));
        for (int count : new int[] {1, VALUES - 1, VALUES + 1}) {
            cases.infer(count + " values", "400", data(numbers(count, "1")));
        }
        cases.infer("no values", "400", data("[]"));
        cases.infer("values that are none", "400", data("null"));
        cases.infer("one value, no list", "400", data("1"));
        for (String value : words("256 -1 1.5 1e9")) {
            cases.infer(
                    "pixel " + value,
                    "400",
                    input(
                            "\"pixels\"",
                            "\"UINT8\"",
                            ONE,
                            ",\"data\":" + "[" + value + ",1".repeat(VALUES - 1) + "]"));
        }
    }

    private byte[] tensor(
            String name, String type, String shape, String size, byte[] bytes, String more) {
        String json =
                input(
                        "\"" + name + "\"",
                        "\"" + type + "\"",
                        shape,
                        ",\"parameters\":{\"binary_data_size\":" + size + "}" + more);
        return post(
                cases.inferPath(),
                "Inference-Header-Content-Length: " + json.length() + "\r\n",
                join(latin(json), bytes));
    }

    private void binary() {
        int size = 4 * VALUES;
        byte[] zeros = new byte[size];
        String near = "%d %d %d ".formatted(size - 1, size + 1, size / 4);
        for (String lie :
                words(
                        near
                                + """
                                0 -1 -2 1 2147483648 9223372036854775807 1e99 1.5 "abc"
                                null [] {} true
                                """)) {
            cases.add(
                    "binary_data_size " + lie.replace("\"", "'"),
                    "400",
                    tensor("input", "FP32", ONE, lie, zeros, ""));
        }
        for (int length : new int[] {0, 1, size - 1, size - 4, size + 1, 2 * size}) {
            cases.add(
                    "a tensor of " + length + " bytes",
                    "400",
                    tensor("input", "FP32", ONE, "" + size, new byte[length], ""));
            cases.add(
                    "a tensor of " + length + " bytes, as it says",
                    "400",
                    tensor("input", "FP32", ONE, "" + length, new byte[length], ""));
        }
        cases.add(
                "binary and JSON values",
                "400",
                tensor("input", "FP32", ONE, "" + size, zeros, ",\"data\":[1]"));
        cases.add(
                "more images than bytes",
                "400",
                tensor("input", "FP32", "[8,3,224,224]", "" + size, zeros, ""));
        cases.add(
                "pixels of four bytes",
                "400",
                tensor("pixels", "UINT8", ONE, "" + size, zeros, ""));
        for (float value : new float[] {Float.NaN, Float.NEGATIVE_INFINITY, Float.MAX_VALUE}) {
            ByteBuffer buffer = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
            while (buffer.hasRemaining()) {
                buffer.putFloat(value);
            }
            // What overflows only in the net may be computed, but the answer must be JSON.
            cases.add(
                    "a tensor of " + value,
                    value == Float.MAX_VALUE ? "400|200" : "400",
                    tensor("input", "FP32", ONE, "" + size, buffer.array(), ""));
        }
    }

    private void headerLength() {
        byte[] zeros = new byte[VALUES];
        String json =
                input(
                        "\"pixels\"",
                        "\"UINT8\"",
                        ONE,
                        ",\"parameters\":{\"binary_data_size\":" + VALUES + "}");
        byte[] body = join(latin(json), zeros);
        int right = json.length();
        String near =
                "%d %d %d %d %d "
                        .formatted(right - 1, right + 1, right / 2, body.length, body.length + 1);
        for (String lie :
                words(
                        near
                                + """
                                -1 abc 0 1 1.5 1099511627776 99999999999999999999 0x10 +5
                                """)) {
            cases.add(
                    "header length " + lie,
                    "400",
                    post(
                            cases.inferPath(),
                            "Inference-Header-Content-Length: " + lie + "\r\n",
                            body));
        }
        cases.add("no header length", "400", post(cases.inferPath(), "", body));
        cases.add(
                "two header lengths",
                "400|200",
                post(
                        cases.inferPath(),
                        ("Inference-Header-Content-Length: 5\r\n"
                                + "Inference-Header-Content-Length: "
                                + right
                                + "\r\n"),
                        body));
    }

    private void outputs() {
        String input = data(numbers(VALUES, "1"));
        for (String output :
                words(
                        """
                        [{"name":"none"}] [{}] [null] [5] {} 5 [{"name":null}] [{"name":{}}]
                        [{"name":"logits","parameters":{"classification":3}}]
                        [{"name":"logits","parameters":5}]
                        [{"name":"logits","parameters":{"binary_data":[]}}]
                        [{"name":"logits","parameters":{"binary_data":{}}}]
                        """)) {
            cases.infer(
                    "outputs " + output.replace("\"", "'"),
                    "400",
                    input.substring(0, input.length() - 1) + ",\"outputs\":" + output + "}");
        }
    }
}
