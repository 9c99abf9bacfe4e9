package org.mobilenetv3.train;

import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.util.Pair;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.mobilenetv3.train.recipe.Recipe;
import org.mobilenetv3.train.recipe.RecipeKey;

/**
 * Which parameters learn in which epoch: at first perhaps the classifier alone, then everything but
 * the stages that a recipe freezes. What is frozen does not change in any way: its batch norm uses
 * the running statistics and leaves them alone, as Keras' with {@code trainable = False}.
 *
 * @param headEpochs epochs at the beginning in which only the classifier learns
 * @param stages prefixes of state-dict names that do not learn
 * @param unfreezeEpoch epoch, counted from 0, in which those begin to learn; 0 for never
 * @param norms whether batch norm before the classifier never learns: a few images do not say
 *     enough of a data set's statistics
 */
public record Freezing(int headEpochs, List<String> stages, int unfreezeEpoch, boolean norms) {

    private static final String MEAN = ".running_mean";

    /**
     * Reads a recipe.
     *
     * @param recipe how to train
     * @return what it freezes
     */
    public static Freezing of(Recipe recipe) {
        return new Freezing(
                recipe.whole(RecipeKey.HEAD_EPOCHS),
                recipe.frozen(),
                recipe.whole(RecipeKey.UNFREEZE_EPOCH),
                recipe.is(RecipeKey.FREEZE_NORM));
    }

    /**
     * Returns whether anything is ever frozen, which is no use to random weights.
     *
     * @return whether there is an epoch in which not everything learns
     */
    public boolean any() {
        return headEpochs > 0 || norms || !stages.isEmpty();
    }

    /**
     * Names what is frozen, for people.
     *
     * @return for instance {@code all but the classifier, features.0}
     */
    public String describe() {
        List<String> all = new ArrayList<>();
        if (headEpochs > 0) {
            all.add("all but the classifier");
        }
        if (norms) {
            all.add("batch norm");
        }
        all.addAll(stages);
        return String.join(", ", all);
    }

    /**
     * Names what does not learn in an epoch.
     *
     * @param net the net, initialized or not
     * @param epoch counted from 0
     * @return prefixes of state-dict names, in a fixed order
     */
    List<String> at(Block net, int epoch) {
        Set<String> prefixes = new LinkedHashSet<>();
        if (epoch < headEpochs) {
            net.getParameters().keys().forEach(name -> prefixes.add(first(name)));
            prefixes.remove(head(net));
        }
        if (unfreezeEpoch == 0 || epoch < unfreezeEpoch) {
            prefixes.addAll(stages);
        }
        if (norms) {
            Predicate<String> inHead = inHead(net);
            net.getParameters().keys().stream()
                    .filter(name -> name.endsWith(MEAN) && !inHead.test(name))
                    .map(name -> name.substring(0, name.length() - MEAN.length()))
                    .forEach(prefixes::add);
        }
        return List.copyOf(prefixes);
    }

    /**
     * Refuses stages that the net does not have, and epochs in which nothing would learn.
     *
     * @param net the net, initialized or not, all of it learning
     * @throws IllegalArgumentException if a prefix fits no parameter, or nothing would learn
     */
    public void requireFits(Block net) {
        find(net, stages);
        find(net, at(net, 0));
        find(net, at(net, headEpochs));
    }

    /**
     * Finds the parameters that learn and whose names begin so.
     *
     * @param net the net
     * @param prefixes of state-dict names: {@code features.0} is not {@code features.01}
     * @return the parameters
     * @throws IllegalArgumentException if a prefix fits no parameter, or all would be found
     */
    static List<Parameter> find(Block net, List<String> prefixes) {
        Set<Parameter> found = new LinkedHashSet<>();
        for (String prefix : prefixes) {
            List<Parameter> fitting = new ArrayList<>();
            for (Pair<String, Parameter> p : net.getParameters()) {
                if ((p.getKey() + ".").startsWith(prefix + ".")) {
                    fitting.add(p.getValue());
                }
            }
            if (fitting.isEmpty()) {
                List<String> names = net.getParameters().keys();
                throw new IllegalArgumentException(
                        "The net has no '%s' to freeze; its parameters are %s ... %s."
                                .formatted(prefix, names.get(0), names.get(names.size() - 1)));
            }
            fitting.stream().filter(Parameter::requiresGradient).forEach(found::add);
        }
        long learning =
                net.getParameters().values().stream().filter(Parameter::requiresGradient).count();
        if (found.size() == learning) {
            throw new IllegalArgumentException(
                    "With %s frozen nothing is left to learn; freeze less.".formatted(prefixes));
        }
        return List.copyOf(found);
    }

    /**
     * Tells the parameters of the classifier, the net's last part: {@code classifier} in the
     * paper's nets, {@code fc} in the article's.
     *
     * @param net the net
     * @return whether a state-dict name is one of the classifier's
     */
    static Predicate<String> inHead(Block net) {
        String head = head(net);
        return name -> first(name).equals(head);
    }

    private static String head(Block net) {
        List<String> names = net.getParameters().keys();
        return first(names.get(names.size() - 1));
    }

    private static String first(String name) {
        int dot = name.indexOf('.');
        return dot < 0 ? name : name.substring(0, dot);
    }
}
