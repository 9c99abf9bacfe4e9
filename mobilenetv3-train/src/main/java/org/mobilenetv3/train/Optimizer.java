package org.mobilenetv3.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Parameter;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.util.Pair;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Adam, AdamW and SGD with momentum, step for step as PyTorch computes them; DJL's own keep their
 * state to themselves, round {@code 1 - beta2} to float and decay every parameter.
 *
 * <p>Weight decay acts on weights only, not on biases nor on batch norm. Used by one thread, with
 * autograd off.
 */
public final class Optimizer implements AutoCloseable {

    private static final double BETA1 = 0.9;
    private static final double BETA2 = 0.999;
    private static final double EPSILON = 1e-8;
    private static final double MOMENTUM = 0.9;

    /** The update rule. */
    public enum Kind {
        /** Kingma and Ba 2015; weight decay added to the gradient. */
        ADAM,
        /** Loshchilov and Hutter 2019; weight decay apart from the gradient. */
        ADAMW,
        /** Momentum 0.9, no dampening; weight decay added to the gradient. */
        SGD;

        int states() {
            return this == SGD ? 1 : 2;
        }

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private final Kind kind;
    private final double weightDecay;
    private final NDManager manager;
    private final List<NDArray> parameters = new ArrayList<>();
    private final List<NDArray> states = new ArrayList<>();
    private long steps;

    /**
     * Creates an optimizer for the trainable parameters of a net.
     *
     * @param kind the update rule
     * @param weightDecay share of each weight removed per unit of learning rate
     * @param net names and parameters, initialised
     * @param manager where the state lives
     */
    Optimizer(
            Kind kind,
            double weightDecay,
            Iterable<Pair<String, Parameter>> net,
            NDManager manager) {
        this.kind = kind;
        this.weightDecay = weightDecay;
        this.manager = manager.newSubManager();
        for (Pair<String, Parameter> entry : net) {
            if (entry.getValue().requiresGradient()) {
                NDArray array = entry.getValue().getArray();
                parameters.add(array);
                for (int i = 0; i < kind.states(); i++) {
                    states.add(this.manager.zeros(array.getShape(), array.getDataType()));
                }
            }
        }
    }

    /**
     * Moves every parameter against its gradient.
     *
     * @param learningRate of this step
     */
    void step(double learningRate) {
        steps++;
        for (int i = 0; i < parameters.size(); i++) {
            NDArray weight = parameters.get(i);
            // One-dimensional parameters are biases and batch norm's.
            double decay = weight.getShape().dimension() > 1 ? weightDecay : 0;
            try (NDManager scope = manager.newSubManager()) {
                NDArray gradient = weight.getGradient();
                gradient.attach(scope);
                // What is computed belongs to the scope and is freed with it.
                int n = kind.states();
                NDList own = new NDList(states.subList(n * i, n * i + n));
                own.add(weight);
                scope.tempAttachAll(own);
                if (kind == Kind.SGD) {
                    sgd(weight, gradient, own.get(0), learningRate, decay);
                } else {
                    adam(own, gradient, learningRate, decay);
                }
            }
        }
    }

    /** Sets every gradient to zero: after the step, never between backward and step. */
    void zeroGradients() {
        for (NDArray parameter : parameters) {
            JniUtils.zeroGrad((PtNDArray) parameter);
        }
    }

    private static void sgd(
            NDArray weight, NDArray gradient, NDArray momentum, double rate, double decay) {
        NDArray g = decay == 0 ? gradient : gradient.add(weight.mul(decay));
        momentum.muli(MOMENTUM).addi(g);
        weight.subi(momentum.mul(rate));
    }

    private void adam(NDList own, NDArray gradient, double rate, double decay) {
        NDArray mean = own.get(0);
        NDArray variance = own.get(1);
        NDArray weight = own.get(2);
        NDArray g = gradient;
        if (decay != 0 && kind == Kind.ADAM) {
            g = gradient.add(weight.mul(decay));
        } else if (decay != 0) {
            weight.muli(1 - rate * decay);
        }
        mean.muli(BETA1).addi(g.mul(1 - BETA1));
        variance.muli(BETA2).addi(g.square().muli(1 - BETA2));
        double meanCorrection = 1 - Math.pow(BETA1, (double) steps);
        double varianceCorrection = 1 - Math.pow(BETA2, (double) steps);
        NDArray denominator = variance.sqrt().divi(Math.sqrt(varianceCorrection)).addi(EPSILON);
        weight.subi(mean.div(denominator).muli(rate / meanCorrection));
    }

    /**
     * Writes the step count and the state, to go on later exactly from here.
     *
     * @param out where to write
     * @throws IOException if writing fails
     */
    void save(DataOutputStream out) throws IOException {
        out.writeLong(steps);
        out.writeInt(states.size());
        for (NDArray state : states) {
            byte[] encoded = state.encode();
            out.writeInt(encoded.length);
            out.write(encoded);
        }
    }

    /**
     * Reads what {@link #save} wrote for the same kind and net.
     *
     * @param in where to read
     * @throws IOException if the state is cut short or is of another net
     */
    void load(DataInputStream in) throws IOException {
        steps = in.readLong();
        int count = in.readInt();
        if (count != states.size()) {
            throw new IOException(
                    "The saved optimizer state has %d arrays but %s of this net has %d."
                            .formatted(count, kind, states.size()));
        }
        for (NDArray state : states) {
            byte[] encoded = in.readNBytes(in.readInt());
            try (NDArray saved = NDArray.decode(manager, encoded)) {
                if (!saved.getShape().equals(state.getShape())) {
                    throw new IOException(
                            "The saved optimizer state is of another net: %s instead of %s."
                                    .formatted(saved.getShape(), state.getShape()));
                }
                state.subi(state).addi(saved);
            }
        }
    }

    @Override
    public void close() {
        manager.close();
    }
}
