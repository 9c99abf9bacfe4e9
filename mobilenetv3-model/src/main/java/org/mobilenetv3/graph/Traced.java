package org.mobilenetv3.graph;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrayAdapter;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.internal.NDArrayEx;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.ByteBuffer;

/** An array of a {@link Tracer}: a value of the graph, a weight or a constant. */
final class Traced extends NDArrayAdapter {
    final Tracer tracer;
    final Value value;
    final Weight weight;
    final Tracer.Constant constant;

    /** Whether the convolution that reads it pads as TensorFlow does. */
    final boolean padsSame;

    Traced(Tracer tracer, Value value, Weight weight, Tracer.Constant constant) {
        this(tracer, value, weight, constant, false);
    }

    Traced(Tracer tracer, Value value, Weight weight, Tracer.Constant constant, boolean padsSame) {
        super(tracer.manager(), null, shape(value, weight, constant), DataType.FLOAT32, "traced");
        this.tracer = tracer;
        this.value = value;
        this.weight = weight;
        this.constant = constant;
        this.padsSame = padsSame;
    }

    private static Shape shape(Value value, Weight weight, Tracer.Constant constant) {
        return value != null ? value.shape() : weight != null ? weight.shape() : constant.shape();
    }

    Shape shape() {
        return shape;
    }

    @Override
    public NDArrayEx getNDArrayInternal() {
        return new TracedLayers(this);
    }

    @Override
    public Device getDevice() {
        return Device.cpu();
    }

    @Override
    public String getName() {
        return weight == null ? null : weight.name();
    }

    @Override
    public boolean hasGradient() {
        return false;
    }

    // It lives as long as it is used.

    @Override
    public void attach(NDManager other) {}

    @Override
    public void tempAttach(NDManager other) {}

    @Override
    public void detach() {}

    @Override
    public void close() {}

    @Override
    public ByteBuffer toByteBuffer(boolean tryDirect) {
        throw Tracer.refuse("NDArray.toByteBuffer");
    }

    @Override
    public void intern(NDArray replaced) {
        throw Tracer.refuse("NDArray.intern");
    }

    @Override
    public NDArray add(NDArray other) {
        return combine(new Op.Add(), Op.PerChannel.Kind.ADD, "add", other);
    }

    @Override
    public NDArray add(Number n) {
        throw refuseBoth("add", n);
    }

    @Override
    public NDArray sub(NDArray other) {
        return combine(null, Op.PerChannel.Kind.SUBTRACT, "sub", other);
    }

    @Override
    public NDArray sub(Number n) {
        throw refuseBoth("sub", n);
    }

    @Override
    public NDArray mul(NDArray other) {
        return combine(new Op.Multiply(), Op.PerChannel.Kind.MULTIPLY, "mul", other);
    }

    @Override
    public NDArray mul(Number n) {
        throw refuseBoth("mul", n);
    }

    @Override
    public NDArray div(NDArray other) {
        return combine(null, Op.PerChannel.Kind.DIVIDE, "div", other);
    }

    @Override
    public NDArray div(Number n) {
        throw refuseBoth("div", n);
    }

    /** Nothing writes to it. */
    @Override
    public NDArray duplicate() {
        return this;
    }

    @Override
    public NDArray flatten(int first, int last) {
        if (first == 1 && (last == -1 || last == shape().dimension() - 1)) {
            return reshape(new Shape(shape().get(0), -1));
        }
        throw Tracer.refuse("NDArray.flatten");
    }

    @Override
    public int hashCode() {
        return System.identityHashCode(this);
    }

    @Override
    public boolean equals(Object other) {
        return this == other;
    }

    @Override
    public String toString() {
        return "traced " + shape();
    }

    private NDArray combine(Op op, Op.PerChannel.Kind kind, String method, NDArray array) {
        Traced other = Tracer.traced(array);
        if (value != null && other != null) {
            if (other.constant != null && perChannel(other.constant)) {
                return tracer.record(
                        Op.PerChannel.of(kind, other.constant.numbers()), shape(), value);
            }
            if (other.value != null && op != null && compatible(op, other)) {
                return tracer.record(op, shape(), value, other.value);
            }
            if (other.value != null && op != null && other.compatible(op, this)) {
                return tracer.record(op, other.shape(), other.value, value);
            }
        }
        throw refuseBoth(method, other == null ? "an array" : other.shape());
    }

    private UntraceableException refuseBoth(String method, Object other) {
        return Tracer.refuse("NDArray.%s of %s and %s".formatted(method, shape(), other));
    }

    private boolean perChannel(Tracer.Constant c) {
        return shape().dimension() == 4 && c.shape().equals(new Shape(1, shape().get(1), 1, 1));
    }

    private boolean compatible(Op op, Traced other) {
        if (shape().equals(other.shape())) {
            return true;
        }
        if (!(op instanceof Op.Multiply) || shape().dimension() != 4) {
            return false;
        }
        Shape perChannel = shape().slice(0, 2).add(1, 1);
        Shape perPixel = shape().slice(0, 1).add(1).addAll(shape().slice(2));
        return other.shape().equals(perChannel) || other.shape().equals(perPixel);
    }

    /** DJL writes relu6 as the minimum of 6 and relu. */
    @Override
    public NDArray minimum(Number n) {
        Value x = value == null ? null : tracer.rectified(value);
        if (x != null && n.doubleValue() == 6) {
            return tracer.record(new Op.Activation(Nonlinearity.RELU6), shape(), x);
        }
        throw Tracer.refuse("NDArray.minimum");
    }

    @Override
    public NDArray reshape(Shape given) {
        long known = 1;
        for (long d : given.getShape()) {
            known *= d < 0 ? 1 : d;
        }
        long[] dims = given.getShape().clone();
        for (int i = 0; i < dims.length; i++) {
            dims[i] = dims[i] < 0 ? shape().size() / known : dims[i];
        }
        Shape target = new Shape(dims);
        long batch = shape().get(0);
        if (value != null && dims[0] == batch && target.size() == shape().size()) {
            if (target.dimension() == 2) {
                return shape().dimension() == 2
                        ? this
                        : tracer.record(new Op.Flatten(), target, value);
            }
            if (shape().dimension() == 2 && target.equals(shape().addAll(new Shape(1, 1)))) {
                return tracer.record(new Op.Unflatten(), target, value);
            }
        }
        throw Tracer.refuse("NDArray.reshape from %s to %s".formatted(shape(), target));
    }
}
