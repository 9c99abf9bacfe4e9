package org.mobilenetv3.train.recipe;

/**
 * The learning rate over a run: the peak while the classifier learns alone, then a linear warm-up,
 * then a shape.
 *
 * @param peak the highest rate
 * @param headSteps steps at the beginning in which the classifier learns alone
 * @param warmupSteps steps over which the rate rises to the peak
 * @param totalSteps steps after those
 * @param shape what follows the warm-up
 * @param restarts how often the cosine begins again, in equal cycles (Loshchilov and Hutter 2017
 *     with a multiplier of 1)
 * @param fallSteps steps between two falls of {@link Shape#STEP}, counted from the same place
 * @param gamma what the rate is multiplied with at each fall
 */
public record Schedule(
        double peak,
        long headSteps,
        long warmupSteps,
        long totalSteps,
        Shape shape,
        int restarts,
        long fallSteps,
        double gamma) {

    /** How the rate goes on after the warm-up. */
    public enum Shape {
        /** Half a cosine down to zero, once or more often. */
        COSINE,
        /** Multiplied with gamma every so many steps, as PyTorch's {@code StepLR}. */
        STEP,
        /** The share of steps that are left, to the power of 0.9. */
        POLY,
        /** The peak to the end. */
        CONSTANT
    }

    /** As in torchvision's references/segmentation. */
    private static final double POLY_POWER = 0.9;

    /**
     * Makes the schedule of a recipe.
     *
     * @param recipe rate, epochs and shape
     * @param stepsPerEpoch optimizer steps of an epoch
     * @return the schedule
     */
    public static Schedule of(Recipe recipe, long stepsPerEpoch) {
        int headEpochs = Math.min(recipe.epochs(), recipe.whole(RecipeKey.HEAD_EPOCHS));
        return new Schedule(
                recipe.number(RecipeKey.LR),
                headEpochs * stepsPerEpoch,
                Math.round(recipe.number(RecipeKey.WARMUP_EPOCHS) * stepsPerEpoch),
                (recipe.epochs() - headEpochs) * stepsPerEpoch,
                recipe.get(RecipeKey.SCHEDULE, Shape.class),
                recipe.whole(RecipeKey.RESTARTS),
                Math.max(1, Math.round(recipe.number(RecipeKey.LR_STEP_EPOCHS) * stepsPerEpoch)),
                recipe.number(RecipeKey.LR_GAMMA));
    }

    /**
     * Returns the rate of one step.
     *
     * @param step counted from 0
     * @return the learning rate
     */
    public double at(long step) {
        return step < headSteps ? peak : shaped(step - headSteps);
    }

    private double shaped(long step) {
        if (step < warmupSteps) {
            return peak * (step + 1) / warmupSteps;
        }
        return switch (shape) {
            case CONSTANT -> peak;
            case POLY -> {
                double done = step - warmupSteps;
                double left = 1 - done / Math.max(1, totalSteps - warmupSteps);
                yield peak * Math.pow(Math.max(0, left), POLY_POWER);
            }
            case STEP -> {
                long falls = step / fallSteps;
                yield peak * Math.pow(gamma, (double) falls);
            }
            case COSINE -> {
                double cycles = (double) (restarts + 1) * (step - warmupSteps);
                double done = cycles / Math.max(1, totalSteps - warmupSteps);
                double within = done >= restarts + 1 ? 1 : done - Math.floor(done);
                yield peak * (1 + Math.cos(Math.PI * within)) / 2;
            }
        };
    }
}
