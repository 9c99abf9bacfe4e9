package org.mobilenetv3.train.sweep;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A run of a sweep.
 *
 * @param name of its directory, {@code RECIPE-SEED}
 * @param recipe a name or a file
 * @param seed of the run
 */
public record SweepRun(String name, String recipe, long seed) {

    private static final int MOST = 10_000;
    private static final Pattern RANGE = Pattern.compile("(\\d{1,18})(?:-(\\d{1,18}))?");

    /**
     * Lists the runs of a sweep: for each recipe, all seeds.
     *
     * @param recipes names or files
     * @param seeds numbers and ranges, such as {@code 1-5} or {@code 1,3,7-9}
     * @return the runs
     * @throws IllegalArgumentException in one sentence, if seeds cannot be read, or two recipes
     *     have one name
     */
    public static List<SweepRun> all(List<String> recipes, String seeds) {
        Set<Long> numbers = seeds(seeds);
        Set<String> names = new LinkedHashSet<>();
        List<SweepRun> runs = new ArrayList<>();
        for (String recipe : recipes) {
            String file =
                    recipe.substring(
                            1 + Math.max(recipe.lastIndexOf('/'), recipe.lastIndexOf('\\')));
            String name = file.replaceFirst("\\.[^.]*$", "");
            if (name.isBlank() || !names.add(name)) {
                throw new IllegalArgumentException(
                        "--recipe is %s; give recipes of different names, with commas between."
                                .formatted(String.join(",", recipes)));
            }
            numbers.forEach(seed -> runs.add(new SweepRun(name + "-" + seed, recipe, seed)));
        }
        return runs;
    }

    private static Set<Long> seeds(String text) {
        Set<Long> seeds = new TreeSet<>();
        for (String part : text.split(",", -1)) {
            Matcher range = RANGE.matcher(part.strip());
            if (range.matches()) {
                long first = Long.parseLong(range.group(1));
                long last = range.group(2) == null ? first : Long.parseLong(range.group(2));
                if (first <= last && last - first < MOST) {
                    for (long seed = first; seed <= last; seed++) {
                        seeds.add(seed);
                    }
                    continue;
                }
            }
            throw new IllegalArgumentException(
                    "--seeds is %s; give numbers and ranges from lower to higher, such as 1-5 or 1,3,7-9."
                            .formatted(text));
        }
        return seeds;
    }
}
