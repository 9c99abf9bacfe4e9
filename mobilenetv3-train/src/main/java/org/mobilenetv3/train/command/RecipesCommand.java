package org.mobilenetv3.train.command;

import java.io.PrintStream;
import java.util.concurrent.Callable;
import org.mobilenetv3.train.recipe.Recipe;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Lists the recipes, or prints one as a file to change. */
@Command(
        name = "recipes",
        description = "List the training recipes, or print one as a start for your own.",
        footer = {
            "%nExamples:",
            "  mobilenetv3 recipes",
            "  mobilenetv3 recipes quick > mine.properties",
            "  mobilenetv3 train --recipe mine.properties"
        })
final class RecipesCommand implements Callable<Integer> {

    @Parameters(arity = "0..1", paramLabel = "NAME", description = "The recipe to print.")
    private String name;

    @Override
    public Integer call() {
        PrintStream out = System.out;
        if (name != null) {
            if (!Recipe.NAMES.contains(name)) {
                throw new IllegalArgumentException(
                        "There is no recipe '%s'; there are %s."
                                .formatted(name, String.join(", ", Recipe.NAMES)));
            }
            out.print(Recipe.text(name));
            return 0;
        }
        for (String recipe : Recipe.NAMES) {
            String about = Recipe.text(recipe).lines().findFirst().orElse("").substring(2);
            out.printf("%-12s  %s%n", recipe, about);
        }
        return 0;
    }
}
