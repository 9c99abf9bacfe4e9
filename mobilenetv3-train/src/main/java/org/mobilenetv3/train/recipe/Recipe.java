package org.mobilenetv3.train.recipe;

import com.google.gson.TypeAdapter;
import com.google.gson.annotations.JsonAdapter;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonWriter;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.mobilenetv3.io.TextFile;
import org.mobilenetv3.train.data.augment.Augmentation;
import org.mobilenetv3.train.data.scene.augment.SceneAugmentation;

/**
 * How a net is trained, all but the data: a value for every {@link RecipeKey}.
 *
 * <p>A recipe is a properties file, ours in the jar or the user's own. A line {@code large.KEY} or
 * {@code small.KEY} holds only for nets with that word in their name.
 */
@JsonAdapter(Recipe.Json.class)
public final class Recipe {

    /** The recipes in the jar. */
    public static final List<String> NAMES =
            List.of(
                    "quick",
                    "article",
                    "cifar10-200",
                    "imagenet",
                    "finetune",
                    "prune",
                    "detect",
                    "ssdlite",
                    "segment",
                    "lraspp");

    private static final String VARIANT = "variant";

    private final String name;
    private final EnumMap<RecipeKey, Object> values = new EnumMap<>(RecipeKey.class);

    private Recipe(String name, Map<RecipeKey, String> given) {
        this.name = name;
        for (RecipeKey key : RecipeKey.values()) {
            values.put(key, key.parse(given.getOrDefault(key, key.fallback())));
        }
        augmentation(); // refuses what contradicts itself
        sceneAugmentation();
    }

    /**
     * Finds a recipe.
     *
     * @param nameOrFile one of {@link #NAMES} or a properties file
     * @param arch name of the net to be trained; null for the one that the recipe is meant for
     * @return the recipe
     * @throws IllegalArgumentException if there is none or a line does not fit
     * @throws IOException if the file cannot be read
     */
    public static Recipe of(String nameOrFile, String arch) throws IOException {
        Path file = Path.of(nameOrFile);
        String known = nameOrFile.toLowerCase(Locale.ROOT);
        if (NAMES.contains(known)) {
            return parse(known, text(known), arch);
        }
        if (!Files.isRegularFile(file)) {
            throw new IllegalArgumentException(
                    "There is no recipe '%s'; there are %s, or give a properties file."
                            .formatted(nameOrFile, String.join(", ", NAMES)));
        }
        String stem = file.getFileName().toString().replaceFirst("\\.[^.]*$", "");
        try {
            return parse(stem, TextFile.read(file), arch);
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException(file + " is not UTF-8 text.", e);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(file + ": " + e.getMessage(), e);
        }
    }

    /**
     * Returns the text of a recipe in the jar, with its comments.
     *
     * @param name one of {@link #NAMES}
     * @return a properties file
     */
    public static String text(String name) {
        try (InputStream in = Recipe.class.getResourceAsStream(name + ".properties")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new IllegalStateException("The jar is damaged: " + e.getMessage(), e);
        }
    }

    private static Recipe parse(String name, String text, String arch) throws IOException {
        Properties lines = new Properties();
        lines.load(new StringReader(text));
        Map<RecipeKey, String> given = new EnumMap<>(RecipeKey.class);
        String net = arch == null ? meantFor(lines) : arch;
        String own = net.contains("large") ? "large." : net.contains("small") ? "small." : null;
        for (String line : lines.stringPropertyNames()) {
            RecipeKey key = key(line.replaceFirst("^(large|small)\\.", ""));
            boolean general = !line.matches("(large|small)\\..*");
            boolean overridden = own != null && lines.containsKey(own + line);
            if (general ? !overridden : own != null && line.startsWith(own)) {
                given.put(key, value(line, lines.getProperty(line)));
            }
        }
        return new Recipe(name, given);
    }

    private static String meantFor(Properties lines) {
        String variant = lines.getProperty(VARIANT);
        String earlier = variant == null ? RecipeKey.ARCH.fallback() : value(VARIANT, variant);
        return lines.getProperty(RecipeKey.ARCH.toString(), earlier);
    }

    /** Recipes before version 0.2 had the line {@code variant = paper} or {@code article}. */
    private static String value(String line, String value) {
        if (!line.equals(VARIANT)) {
            return value;
        }
        return switch (value.strip().toLowerCase(Locale.ROOT)) {
            case "paper" -> "mobilenet_v3_small";
            case "article" -> "article_small";
            default ->
                    throw new IllegalArgumentException(
                            "variant is %s but must be paper or article.".formatted(value));
        };
    }

    private static RecipeKey key(String name) {
        if (name.equals(VARIANT)) {
            return RecipeKey.ARCH;
        }
        return Arrays.stream(RecipeKey.values())
                .filter(k -> k.toString().equals(name))
                .findFirst()
                .orElseThrow(
                        () ->
                                new IllegalArgumentException(
                                        "A recipe has no '%s'; it has %s."
                                                .formatted(name, keys())));
    }

    private static String keys() {
        return Stream.of(RecipeKey.values())
                .map(RecipeKey::toString)
                .collect(Collectors.joining(", "));
    }

    /**
     * Replaces values.
     *
     * @param others keys and values as in a file
     * @return the changed recipe
     * @throws IllegalArgumentException if one does not fit
     */
    public Recipe with(Map<RecipeKey, String> others) {
        Map<RecipeKey, String> all = new EnumMap<>(RecipeKey.class);
        values.forEach((key, value) -> all.put(key, written(value)));
        all.putAll(others);
        return new Recipe(name, all);
    }

    /**
     * Replaces one value.
     *
     * @param key which
     * @param value written as {@code toString} does
     * @return the changed recipe
     * @throws IllegalArgumentException if it does not fit
     */
    public Recipe with(RecipeKey key, Object value) {
        return with(Map.of(key, written(value)));
    }

    /** What the recipe is called. */
    public String name() {
        return name;
    }

    /** Passes over the training set. */
    public int epochs() {
        return whole(RecipeKey.EPOCHS);
    }

    /** Images per optimizer step. */
    public int batchSize() {
        return whole(RecipeKey.BATCH_SIZE);
    }

    /** The net that it is meant for, by its name. */
    public String arch() {
        return get(RecipeKey.ARCH, String.class);
    }

    /** What is done to training images. */
    public Augmentation augmentation() {
        return Augmentation.builder()
                .optCropPadding(whole(RecipeKey.CROP_PADDING))
                .optHorizontalFlip(is(RecipeKey.FLIP))
                .optResizedCrop(number(RecipeKey.RESIZED_CROP))
                .optTrivialAugment(is(RecipeKey.TRIVIAL_AUGMENT))
                .optColorJitter(number(RecipeKey.COLOR_JITTER))
                .optRandomErasing(number(RecipeKey.RANDOM_ERASING))
                .optCutout(whole(RecipeKey.CUTOUT))
                .optMixup(number(RecipeKey.MIXUP))
                .optCutmix(number(RecipeKey.CUTMIX))
                .build();
    }

    /**
     * Returns what is done to training scenes, where boxes or masks are learned.
     *
     * @return a preset
     */
    public SceneAugmentation sceneAugmentation() {
        return SceneAugmentation.of(get(RecipeKey.DATA_AUGMENTATION, String.class));
    }

    /**
     * Returns what does not learn at first.
     *
     * @return prefixes of state-dict names
     */
    public List<String> frozen() {
        return Stream.of(get(RecipeKey.FREEZE, String.class).split(","))
                .map(String::strip)
                .filter(s -> !s.isEmpty())
                .toList();
    }

    /** Returns a value that is a whole number. */
    public int whole(RecipeKey key) {
        return get(key, Integer.class);
    }

    /** Returns a value that is a number. */
    public double number(RecipeKey key) {
        return get(key, Double.class);
    }

    /** Returns a value that is true or false. */
    public boolean is(RecipeKey key) {
        return get(key, Boolean.class);
    }

    /** Returns a value of the type that its key has. */
    public <T> T get(RecipeKey key, Class<T> type) {
        return type.cast(values.get(key));
    }

    /**
     * Returns every value as a file would say it, in the order of {@link RecipeKey}.
     *
     * @return names and values
     */
    public Map<String, String> values() {
        Map<String, String> all = new LinkedHashMap<>();
        values.forEach((key, value) -> all.put(key.toString(), written(value)));
        return Collections.unmodifiableMap(all);
    }

    /** Returns every value as a properties file, to be given as {@code --recipe FILE}. */
    public String toFile() {
        return values().entrySet().stream()
                .map(e -> (e.getKey() + " = " + e.getValue()).strip() + "\n")
                .collect(Collectors.joining());
    }

    /**
     * Describes the recipe in a line.
     *
     * @return for instance {@code quick: 5 epochs, batch size 64, adamw, learning rate 0.003}
     */
    public String describe() {
        return String.format(
                Locale.ROOT,
                "%s: %d epochs, batch size %d, %s, learning rate %s",
                name,
                epochs(),
                batchSize(),
                values.get(RecipeKey.OPTIMIZER),
                values.get(RecipeKey.LR));
    }

    private static String written(Object value) {
        return value instanceof Enum<?> constant ? RecipeKey.lower(constant) : value.toString();
    }

    /** A recipe in {@code run.json} and {@code model.json}: its name and its values. */
    static final class Json extends TypeAdapter<Recipe> {
        @Override
        public void write(JsonWriter out, Recipe recipe) throws IOException {
            out.beginObject().name("name").value(recipe.name);
            for (Map.Entry<String, String> value : recipe.values().entrySet()) {
                out.name(value.getKey()).value(value.getValue());
            }
            out.endObject();
        }

        @Override
        public Recipe read(JsonReader in) throws IOException {
            String name = "";
            Map<RecipeKey, String> given = new EnumMap<>(RecipeKey.class);
            in.beginObject();
            while (in.hasNext()) {
                String field = in.nextName();
                if ("name".equals(field)) {
                    name = in.nextString();
                } else {
                    given.put(key(field), value(field, in.nextString()));
                }
            }
            in.endObject();
            return new Recipe(name, given);
        }
    }
}
