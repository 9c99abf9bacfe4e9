package org.mobilenetv3.train.data.annotation.format;

import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import java.io.IOException;
import org.mobilenetv3.train.data.annotation.outline.Outline;
import org.mobilenetv3.train.data.annotation.outline.Polygons;
import org.mobilenetv3.train.data.annotation.outline.Runs;

/** COCO's segmentation: a list of polygons, or run lengths with the image's size. */
final class CocoOutline {

    private CocoOutline() {}

    /** Of the next value; null if it is nothing of the kind, as for keypoints alone. */
    static Outline read(JsonReader json) throws IOException {
        return switch (json.peek()) {
            case BEGIN_ARRAY -> polygons(json);
            case BEGIN_OBJECT -> runs(json);
            default -> {
                json.skipValue();
                yield null;
            }
        };
    }

    private static Outline polygons(JsonReader json) throws IOException {
        Polygons.Builder polygons = new Polygons.Builder();
        boolean any = false;
        json.beginArray();
        while (json.hasNext()) {
            any = true;
            if (json.peek() != JsonToken.BEGIN_ARRAY) {
                polygons.add(Double.NaN);
                json.skipValue();
                continue;
            }
            json.beginArray();
            while (json.hasNext()) {
                polygons.add(JsonValues.number(json));
            }
            json.endArray();
            polygons.close();
        }
        json.endArray();
        return any ? polygons.build() : null;
    }

    private static Outline runs(JsonReader json) throws IOException {
        double[] size = null;
        double[] counts = null;
        String text = null;
        json.beginObject();
        while (json.hasNext()) {
            switch (json.nextName()) {
                case "size" -> size = JsonValues.numbers(json);
                case "counts" -> {
                    if (json.peek() == JsonToken.STRING) {
                        text = json.nextString();
                    } else {
                        counts = JsonValues.numbers(json);
                    }
                }
                default -> json.skipValue();
            }
        }
        json.endObject();
        if (size == null || size.length != 2 || (text == null && counts == null)) {
            return Outline.BROKEN;
        }
        int height = JsonValues.size(size[0]);
        int width = JsonValues.size(size[1]);
        return text == null ? Runs.of(height, width, counts) : Runs.of(height, width, text);
    }
}
