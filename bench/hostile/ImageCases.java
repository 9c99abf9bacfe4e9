package hostile;

import static hostile.Cases.cut;
import static hostile.Cases.latin;
import static hostile.Cases.post;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/** Bombs, damaged files, what is no image, and forms around them. */
final class ImageCases {

    private final Cases cases;
    private final byte[] jpeg = ImageFiles.jpeg(320, 240, false);
    private final byte[] png = ImageFiles.encode(320, 240, "png");
    private final byte[] gif = ImageFiles.encode(320, 240, "gif");
    private final byte[] bmp = ImageFiles.encode(32, 24, "bmp");

    ImageCases(Cases cases) throws IOException {
        this.cases = cases;
    }

    void addAll() throws IOException {
        bombs();
        damagedImages();
        otherTypes();
        forms();
        options();
    }

    private void bombs() throws IOException {
        for (int side : new int[] {8000, 50_000, 65_535, 1 << 20, Integer.MAX_VALUE}) {
            cases.image(
                    "PNG that claims a side of " + side,
                    "413|400",
                    ImageFiles.png(side, side, 8, 2, 1000));
        }
        cases.image("PNG of no width", "400", ImageFiles.png(0, 10, 8, 2, 1000));
        cases.image("PNG of negative height", "400", ImageFiles.png(10, -1, 8, 2, 1000));
        cases.image("PNG of depth 77", "400", ImageFiles.png(10, 10, 77, 2, 1000));
        cases.image(
                "PNG bomb, 400 million zeros",
                "413",
                ImageFiles.png(20_000, 20_000, 8, 0, 400_020_000));
        cases.image(
                "PNG bomb, 2500 million bits",
                "413",
                ImageFiles.png(50_000, 50_000, 1, 0, 312_550_000));
        cases.image(
                "PNG of 49 million zeros",
                "200|400|504",
                ImageFiles.png(7000, 7000, 8, 0, 49_007_000));
        for (String chunk : List.of("zTXt", "iTXt", "iCCP")) {
            cases.image(
                    "PNG with a bomb in " + chunk, "200|400", ImageFiles.pngWithBomb(png, chunk));
        }
        for (int side : new int[] {8000, 65_535}) {
            cases.image("GIF that claims a side of " + side, "413|400", ImageFiles.gif(gif, side));
        }
        cases.image("GIF of 20,000 frames", "200|400", ImageFiles.frames(gif, 20_000));
        for (int side : new int[] {8000, 65_500}) {
            cases.image("JPEG that claims a side of " + side, "413|400", ImageFiles.jpegOf(jpeg, side));
        }
        byte[] scans = ImageFiles.jpeg(2000, 2000, true);
        cases.image("JPEG of 2,000 scans", "200|400|504", ImageFiles.scans(scans, 2000));
        for (int side : new int[] {8000, 100_000, Integer.MAX_VALUE, -5}) {
            byte[] huge = bmp.clone();
            ByteBuffer.wrap(huge).order(ByteOrder.LITTLE_ENDIAN).putInt(18, side).putInt(22, side);
            cases.image("BMP that claims a side of " + side, "413|400", huge);
        }
    }

    private void damagedImages() {
        for (int i = 1; i <= 40; i++) {
            cases.image("JPEG cut at " + i + "/42", "400", cut(jpeg, i, 42));
        }
        for (int i = 1; i <= 30; i++) {
            cases.image("PNG cut at " + i + "/32", "400", cut(png, i, 32));
        }
        for (int i = 1; i <= 10; i++) {
            cases.image("GIF cut at " + i + "/12", "400", cut(gif, i, 12));
            cases.image("BMP cut at " + i + "/12", "400", cut(bmp, i, 12));
        }
        for (int i = 8; i < 16; i++) {
            cases.image("PNG of its first " + i + " bytes", "400", Arrays.copyOf(png, i));
        }
        cases.image("JPEG of three bytes", "400", Arrays.copyOf(jpeg, 3));
    }

    private void otherTypes() {
        String[] heads = {
            "",
            "a",
            "<html><body>hi</body></html>",
            "%PDF-1.7\n",
            "PK\3\4",
            "\177ELF\2\1\1",
            "RIFF\0\0\1\0WEBPVP8 ",
            "II*\0\10\0\0\0",
            "<svg xmlns='http://www.w3.org/2000/svg'/>",
            "\0\0\0\30ftypmp42",
            "\37\213\10\0",
            "{\"image\": \"/etc/passwd\"}",
            "http://127.0.0.1/image.jpg",
            "file:///etc/passwd",
            "\u00ff\u00d8",
            "\u0089PNG",
            "GIF",
            "B",
            "P6 99999 99999 255\n",
            "\0".repeat(100_000),
            "GARBAGE".repeat(10_000)
        };
        for (int i = 0; i < heads.length; i++) {
            cases.image("no image " + i, "415", latin(heads[i]));
        }
        cases.add(
                "compressed text",
                "415",
                post("/predict", "Content-Encoding: gzip\r\n", latin("\37\213\10\0zzzz")));
    }

    private void forms() {
        String[][] forms = {
            {"no boundary", "400", "multipart/form-data", "--x\r\n\r\n\r\n--x--\r\n"},
            {"empty boundary", "400", "multipart/form-data; boundary=", "--\r\n\r\n\r\n----\r\n"},
            {"no part", "400", "multipart/form-data; boundary=x", "--x--\r\n"},
            {"nothing", "400", "multipart/form-data; boundary=x", ""},
            {"other part", "400", "multipart/form-data; boundary=x", part("other", "a")},
            {"text part", "415", "multipart/form-data; boundary=x", part("file", "text")},
            {"empty part", "415", "multipart/form-data; boundary=x", part("image", "")},
            {
                "no end",
                "400",
                "multipart/form-data; boundary=x",
                "--x\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\nabc"
            },
            {
                "20,000 parts",
                "400",
                "multipart/form-data; boundary=x",
                part("o", "").repeat(20_000)
            },
            {
                "a million boundaries",
                "400",
                "multipart/form-data; boundary=x",
                "--x".repeat(1_000_000)
            },
            {
                "a long boundary",
                "400",
                "multipart/form-data; boundary=" + "x".repeat(5000),
                "--x--"
            },
            {
                "truncated image",
                "400",
                "multipart/form-data; boundary=x",
                part("file", new String(cut(jpeg, 1, 3), StandardCharsets.ISO_8859_1))
            },
        };
        for (String[] form : forms) {
            byte[] body = latin(form[3]);
            String type = "Content-Type: " + form[2] + "\r\n";
            cases.add("form with " + form[0], form[1], post("/predict", type, body));
        }
    }

    private static String part(String name, String content) {
        return "--x\r\nContent-Disposition: form-data; name=\"%s\"\r\n\r\n%s\r\n--x--\r\n"
                .formatted(name, content);
    }

    private void options() {
        for (String k : List.of("0", "-1", "abc", "1e9", "99999999999", "NaN", "", "1.5", "%00")) {
            cases.add("top_k=" + k, "400", post("/predict?top_k=" + k, "", jpeg));
        }
        for (String ms : List.of("0", "-1", "abc", "99999999999999999999", "1.5", "NaN", "")) {
            String header = "X-Deadline-Ms: " + ms + "\r\n";
            cases.add("deadline '" + ms + "'", "400", post("/predict", header, jpeg));
        }
        cases.add("deadline 1", "504|200", post("/predict", "X-Deadline-Ms: 1\r\n", jpeg));
    }
}
