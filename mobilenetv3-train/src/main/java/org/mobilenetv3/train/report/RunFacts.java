package org.mobilenetv3.train.report;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.mobilenetv3.Architecture;
import org.mobilenetv3.train.recipe.RecipeKey;
import org.mobilenetv3.train.run.RunSettings;

/**
 * A run's settings as a report shows them.
 *
 * @param name of the run, its directory's
 * @param net for people, for instance {@code paper small}
 * @param dataset name of the data set
 * @param recipe name of the recipe
 * @param epochs of the whole run
 * @param seed of weights, order and augmentation
 * @param values the recipe's names and values, in reading order
 * @param settings everything else that decides the outcome, likewise
 */
public record RunFacts(
        String name,
        String net,
        String dataset,
        String recipe,
        int epochs,
        long seed,
        Map<String, String> values,
        Map<String, String> settings) {

    /** Copies the maps, in their order. */
    public RunFacts {
        values = new LinkedHashMap<>(values);
        settings = new LinkedHashMap<>(settings);
    }

    /**
     * Describes a run's settings.
     *
     * @param name of the run
     * @param run its settings
     * @return the facts
     */
    public static RunFacts of(String name, RunSettings run) {
        Architecture net = run.architecture();
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("data set", run.dataset() + (run.data() == null ? "" : ", " + run.data()));
        settings.put("training images", String.format(Locale.ROOT, "%,d", run.trainImages()));
        settings.put("classes", String.format(Locale.ROOT, "%,d", net.classes()));
        settings.put(
                "input",
                String.format(
                        Locale.ROOT,
                        "%d × %d pixels, %s",
                        run.input().height(),
                        run.input().width(),
                        run.input().channels() == 1 ? "gray" : "color"));
        settings.put("net", net.name());
        settings.put("dropout", String.valueOf(net.head().dropout()));
        settings.put("stem stride", String.valueOf(net.stem().stride()));
        if (run.weights() != null) {
            settings.put("weights from", run.weights());
        }
        Map<String, String> values = new LinkedHashMap<>(run.recipe().values());
        if (run.teacher() != null) {
            settings.put("teacher", run.teacher().path());
        } else { // of no effect
            values.remove(RecipeKey.DISTILL.toString());
            values.remove(RecipeKey.TEMPERATURE.toString());
        }
        settings.put("seed", String.valueOf(run.seed()));
        settings.put("execution", lower(run.execution().name()).replace('_', ' '));
        return new RunFacts(
                name,
                net.name(),
                run.dataset(),
                run.recipe().name(),
                run.recipe().epochs(),
                run.seed(),
                values,
                settings);
    }

    private static String lower(String text) {
        return text.toLowerCase(Locale.ROOT);
    }
}
