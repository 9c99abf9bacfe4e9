package org.mobilenetv3.detection;

import com.google.gson.Gson;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Figures that src/test/python/ssdlite.py got from torchvision. */
public final class Golden {

    private Golden() {}

    /** Cases of a file. */
    public static <T> T read(String file, Class<T> type) throws IOException {
        try (Reader reader =
                new InputStreamReader(
                        Golden.class.getResourceAsStream("/golden/ssdlite/" + file),
                        StandardCharsets.UTF_8)) {
            return new Gson().fromJson(reader, type);
        }
    }

    /** The numbers of the script's {@code fill}. */
    public static float[] fill(int count, long offset, double scale, double shift, double quantum) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            long x = (i + offset) * 2654435761L & 0xFFFFFFFFL;
            x = (x ^ x >> 15) * 2246822519L & 0xFFFFFFFFL;
            x = (x ^ x >> 13) * 3266489917L & 0xFFFFFFFFL;
            double u = shift + scale * (2 * ((x ^ x >> 16) / 0x1p32) - 1);
            values[i] = (float) (quantum == 0 ? u : Math.rint(u / quantum) * quantum);
        }
        return values;
    }

    /** The anchors of an image: maps of stride 16, 32 and so on. */
    public static Anchors anchors(int height, int width) {
        List<Anchors.Grid> maps = new ArrayList<>();
        int rows = (height + 15) / 16;
        int columns = (width + 15) / 16;
        for (int i = 0; i < 6; i++) {
            maps.add(new Anchors.Grid(rows, columns));
            rows = (rows + 1) / 2;
            columns = (columns + 1) / 2;
        }
        return new Anchors(height, width, maps);
    }

    /** Boxes from rows of their edges. */
    public static List<Box> boxes(double[][] rows) {
        List<Box> boxes = new ArrayList<>();
        for (double[] row : rows) {
            boxes.add(new Box(row[0], row[1], row[2], row[3]));
        }
        return boxes;
    }
}
