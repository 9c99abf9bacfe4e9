package org.mobilenetv3.train;

import java.util.Locale;
import org.mobilenetv3.train.run.RunDirectory;

/** The loss is no longer a finite number. */
public final class TrainingDivergedException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    TrainingDivergedException(int epoch, int batch, RunDirectory directory) {
        super(
                String.format(
                        Locale.ROOT,
                        "The loss is not a finite number any more (epoch %d, batch %d): training stopped. Try a lower --lr; %s holds the last good epoch, if there was one.",
                        epoch,
                        batch,
                        directory.path()));
    }
}
