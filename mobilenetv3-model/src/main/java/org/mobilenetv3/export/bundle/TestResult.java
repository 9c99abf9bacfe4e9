package org.mobilenetv3.export.bundle;

import ai.djl.util.JsonUtils;
import com.google.gson.JsonParseException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * What a net reached on test images that it never saw.
 *
 * @param images how many
 * @param top1 the share that it got right
 */
public record TestResult(int images, double top1) {

    /** What a run wrote when it ended. */
    private record Run(int bestEpoch, int images, double top1) {}

    /**
     * Looks for the result of the run that a package lies in: {@code result.json} beside the
     * package, if it is of the epoch that the package holds.
     *
     * @param modelPackage a package directory or a file
     * @param provenance what the package says of itself
     * @return the result, if there is one
     * @throws IOException if the file is there and cannot be read
     */
    public static Optional<TestResult> beside(Path modelPackage, Map<String, Object> provenance)
            throws IOException {
        Path file = modelPackage.toAbsolutePath().normalize().resolveSibling("result.json");
        if (!Files.isDirectory(modelPackage) || !Files.isRegularFile(file)) {
            return Optional.empty();
        }
        Run run;
        try {
            run = JsonUtils.GSON.fromJson(Files.readString(file), Run.class);
        } catch (JsonParseException e) { // of another program, or damaged: not known
            return Optional.empty();
        }
        boolean same =
                run != null
                        && run.images() > 0
                        && provenance.get("metrics") instanceof Map<?, ?> metrics
                        && metrics.get("epoch") instanceof Number epoch
                        && epoch.intValue() == run.bestEpoch();
        return same ? Optional.of(new TestResult(run.images(), run.top1())) : Optional.empty();
    }
}
