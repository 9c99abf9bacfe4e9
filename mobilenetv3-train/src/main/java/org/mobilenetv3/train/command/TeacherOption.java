package org.mobilenetv3.train.command;

import java.io.IOException;
import java.nio.file.Path;
import org.mobilenetv3.cli.WeightsOption;
import org.mobilenetv3.train.StartingPoint;
import org.mobilenetv3.train.Teacher;
import org.mobilenetv3.train.data.ImageSet;
import org.mobilenetv3.train.recipe.RecipeKey;
import org.mobilenetv3.train.run.TeacherFile;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The option {@code --teacher}. */
final class TeacherOption {

    @Spec(Spec.Target.MIXEE)
    private CommandSpec command;

    @Option(
            names = "--teacher",
            paramLabel = "WEIGHTS",
            description =
                    "Learn from the answers of this trained net, too (--distill, --temperature): what"
                            + " --weights takes, of the same classes.",
            completionCandidates = WeightsOption.Names.class)
    private String text;

    private StartingPoint teacher;

    /** Finds or fetches weights by a path or a name. */
    @FunctionalInterface
    interface Locator {
        Path locate(String text) throws IOException;
    }

    /**
     * Finds the teacher, if one was given, before anything takes long.
     *
     * @param recipe whose values for a teacher need one, if they were given
     * @param locator finds it
     * @throws IOException in one sentence, if it cannot be had or read
     */
    void find(RecipeOptions recipe, Locator locator) throws IOException {
        if (text != null) {
            teacher = StartingPoint.read(locator.locate(text), null);
            return;
        }
        for (RecipeKey key : new RecipeKey[] {RecipeKey.DISTILL, RecipeKey.TEMPERATURE}) {
            if (recipe.isGiven(key)) {
                throw new ParameterException(
                        command.commandLine(),
                        "--%s has no effect without a teacher; give a trained net as --teacher."
                                .formatted(key));
            }
        }
    }

    /**
     * Returns the teacher that was found.
     *
     * @param images that it is to know the classes of
     * @return null if none was given
     * @throws IOException in one sentence, if it tells other classes apart
     */
    TeacherFile of(ImageSet images) throws IOException {
        if (teacher == null) {
            return null;
        }
        Teacher.requireClasses(teacher.file(), teacher.description(), images.classes());
        return TeacherFile.of(teacher.file());
    }
}
