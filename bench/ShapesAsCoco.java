import ai.djl.util.JsonUtils;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.mobilenetv3.detection.Box;
import org.mobilenetv3.drawing.Png;
import org.mobilenetv3.train.data.scene.LabeledBox;
import org.mobilenetv3.train.data.scene.Scene;
import org.mobilenetv3.train.data.scene.ShapeScenes;

/**
 * Writes drawn scenes as files, boxes in COCO's JSON: {@code java -cp CLASSPATH
 * bench/ShapesAsCoco.java DIR TRAIN VALIDATION TEST}, the last three how many.
 */
public class ShapesAsCoco {

    public static void main(String[] args) throws Exception {
        Path root = Path.of(args[0]);
        long first = 0;
        for (int part = 0; part < 3; part++) {
            int count = Integer.parseInt(args[part + 1]);
            String name = List.of("train", "valid", "test").get(part);
            write(root.resolve(name), ShapeScenes.of(first, count, ShapeScenes.SIDE, 1, false));
            first += 100_000;
        }
    }

    private static void write(Path folder, ShapeScenes set) throws Exception {
        Files.createDirectories(folder);
        List<Map<String, Object>> images = new ArrayList<>();
        List<Map<String, Object>> annotations = new ArrayList<>();
        for (int i = 0; i < set.size(); i++) {
            Scene scene = set.scene(i);
            String file = String.format(Locale.ROOT, "%05d.png", i);
            Files.write(folder.resolve(file), Png.of(scene.image().toImage()));
            images.add(
                    Map.of(
                            "id", i,
                            "file_name", file,
                            "width", scene.image().width(),
                            "height", scene.image().height()));
            for (LabeledBox object : scene.boxes()) {
                Box b = object.box();
                annotations.add(
                        Map.of(
                                "id", annotations.size() + 1,
                                "image_id", i,
                                "category_id", object.label() + 1,
                                "bbox", List.of(b.left(), b.top(), b.width(), b.height()),
                                "area", b.area(),
                                "iscrowd", 0));
            }
        }
        List<Map<String, Object>> categories = new ArrayList<>();
        for (int c = 0; c < set.classes().size(); c++) {
            categories.add(Map.of("id", c + 1, "name", set.classes().get(c)));
        }
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("images", images);
        all.put("annotations", annotations);
        all.put("categories", categories);
        Files.writeString(
                folder.resolve("_annotations.coco.json"), JsonUtils.GSON.toJson(all));
    }
}
