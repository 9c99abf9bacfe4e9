package hostile;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** The table of all cases, and how one is written. */
final class Cases {

    private final List<Case> cases = new ArrayList<>();
    private final Random random = new Random(1);
    private final String model;
    private final byte[] jpeg = ImageFiles.jpeg(320, 240, false);
    private final byte[] png = ImageFiles.encode(320, 240, "png");

    Cases(String model) throws IOException {
        this.model = model;
    }

    List<Case> all(int count) throws IOException {
        new ImageCases(this).addAll();
        new HttpCases(this).addAll();
        new ConnectionCases(this).addAll();
        new TensorCases(this).addAll();
        while (cases.size() < count) {
            mutant(cases.size());
        }
        return cases;
    }

    String model() {
        return model;
    }

    byte[] jpeg() {
        return jpeg.clone();
    }

    byte[] png() {
        return png.clone();
    }

    void add(String name, String expected, byte[] request) {
        cases.add(new Case(name, expected, false, List.of(new Case.Step.Send(request))));
    }

    void add(String name, String expected, String request) {
        add(name, expected, latin(request));
    }

    void steps(String name, String expected, boolean slow, Case.Step... steps) {
        cases.add(new Case(name, expected, slow, List.of(steps)));
    }

    void image(String name, String expected, byte[] body) {
        add(name, expected, post("/predict", "", body));
    }

    void infer(String name, String expected, String json) {
        add(name, expected, post(inferPath(), "", latin(json)));
    }

    String inferPath() {
        return "/v2/models/" + model + "/infer";
    }

    static String[] words(String text) {
        return text.strip().split("\\s+");
    }

    static byte[] latin(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    static String head(String path, String headers, long length) {
        return "POST %s HTTP/1.1\r\nHost: localhost\r\n%sContent-Length: %d\r\n\r\n"
                .formatted(path, headers, length);
    }

    static byte[] post(String path, String headers, byte[] body) {
        return join(latin(head(path, headers, body.length)), body);
    }

    static byte[] join(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }

    static byte[] cut(byte[] file, int part, int of) {
        return Arrays.copyOf(file, (int) ((long) file.length * part / of));
    }

    /** A good request with some bytes of its body changed. */
    private void mutant(int number) {
        boolean json = number % 3 == 0;
        byte[] body = number % 3 == 1 ? jpeg.clone() : png.clone();
        if (json) {
            body =
                    latin(
                            """
                            {"inputs":[{"name":"input","datatype":"FP32","shape":[1,2],"data":[1]}]}
                            """);
        }
        for (int i = 0; i < 1 + random.nextInt(8); i++) {
            body[random.nextInt(body.length)] = (byte) random.nextInt(256);
        }
        String path = json ? inferPath() : "/predict";
        add("mutant " + number, json ? "400" : "200|400|415", post(path, "", body));
    }
}
