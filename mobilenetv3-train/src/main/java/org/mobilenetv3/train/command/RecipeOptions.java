package org.mobilenetv3.train.command;

import java.io.IOException;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import org.mobilenetv3.train.recipe.Recipe;
import org.mobilenetv3.train.recipe.RecipeKey;
import picocli.CommandLine.Model.ArgGroupSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.ISetter;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Options for how to train: a recipe, and an option for each of its values. */
public final class RecipeOptions {

    private final Map<RecipeKey, String> given = new EnumMap<>(RecipeKey.class);
    private final Set<RecipeKey> keys;
    private final String fallback;

    /** An option for every value but the variant, which the net's options have. */
    public RecipeOptions() {
        this(EnumSet.complementOf(EnumSet.of(RecipeKey.ARCH)));
    }

    /** Options for some values. */
    RecipeOptions(Set<RecipeKey> keys) {
        this(keys, "quick");
    }

    /**
     * Makes options for some values.
     *
     * @param keys the values
     * @param fallback the recipe if none is named
     */
    public RecipeOptions(Set<RecipeKey> keys, String fallback) {
        this.keys = keys;
        this.fallback = fallback;
    }

    @Option(
            names = "--recipe",
            paramLabel = "NAME|FILE",
            description =
                    "A name that 'recipes' lists, or a file (default: the command's or task's).")
    private String recipe;

    /** Called by picocli with the command that these options are mixed into. */
    @Spec(Spec.Target.MIXEE)
    void addTo(CommandSpec command) {
        ArgGroupSpec.Builder group =
                ArgGroupSpec.builder().validate(false).heading("%nInstead of the recipe's:%n");
        for (RecipeKey key : keys) {
            group.addArg(
                    OptionSpec.builder("--" + key)
                            .paramLabel(key.label())
                            .description(key.description())
                            .type(String.class)
                            .setter(setter(key))
                            .build());
        }
        command.addArgGroup(group.build());
    }

    private ISetter setter(RecipeKey key) {
        return new ISetter() {
            @Override
            @SuppressWarnings("unchecked")
            public <T> T set(T value) {
                // picocli begins with null.
                return (T) (value == null ? given.remove(key) : given.put(key, (String) value));
            }
        };
    }

    /** Returns whether a value was given on the command line. */
    boolean isGiven(RecipeKey key) {
        return given.containsKey(key);
    }

    /**
     * Makes the recipe.
     *
     * @param arch name of the net; null for the one that the recipe is meant for
     * @param dataset the images it is for
     * @return the recipe with what was given
     * @throws IllegalArgumentException if a value does not fit
     * @throws IOException if the recipe's file cannot be read
     */
    public Recipe choose(String arch, String dataset) throws IOException {
        return choose(arch, dataset, fallback);
    }

    /** {@link #choose(String, String)} with another recipe where none is named. */
    Recipe choose(String arch, String dataset, String otherwise) throws IOException {
        Recipe chosen = Recipe.of(recipe == null ? otherwise : recipe, arch).with(given);
        // A mirrored digit is no digit.
        return "mnist".equals(dataset) ? chosen.with(RecipeKey.FLIP, false) : chosen;
    }
}
