package org.mobilenetv3.format.pickle;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.mobilenetv3.format.ElementType;

/**
 * What a checkpoint's pickle describes, as far as it is of use. Nothing is run to make it. Text and
 * bytes refer to the pickle in memory, nothing to the file.
 */
sealed interface Pickled {

    /**
     * A string; decoded when asked for, since protocol 2 writes an array's bytes as one.
     *
     * @param utf8 where it lies in the pickle
     */
    record Text(ByteBuffer utf8) implements Pickled {
        String value() {
            // Python writes lone surrogates, which are replaced; no name of a tensor has them.
            return StandardCharsets.UTF_8.decode(utf8.duplicate()).toString();
        }
    }

    /**
     * Bytes.
     *
     * @param content where they lie in the pickle
     */
    record Bytes(ByteBuffer content) implements Pickled {}

    /** A whole number or, as in Python, a truth value. */
    record Whole(long value) implements Pickled {}

    /** A tuple. */
    record Tuple(List<Pickled> items) implements Pickled {}

    /**
     * A dict or one of its kin.
     *
     * @param entries those whose keys are strings, in order; the pickle may change them later
     */
    record Dict(Map<String, Pickled> entries) implements Pickled {}

    /**
     * A class or function that a checkpoint may name.
     *
     * @param name with its module
     */
    record Named(String name) implements Pickled {}

    /**
     * What a call of NumPy's makes, not made; {@link NumpyArray} knows what some of them mean.
     *
     * @param function with its module
     * @param arguments of the call
     * @param state what the pickle gives the object afterwards, of one item; empty until then
     */
    record Call(String function, List<Pickled> arguments, List<Pickled> state) implements Pickled {}

    /**
     * Where elements lie.
     *
     * @param key the file inside the checkpoint
     * @param type of the elements
     * @param elements how many there are
     */
    record Storage(String key, ElementType type, long elements) implements Pickled {}

    /**
     * A tensor.
     *
     * @param storage its elements, perhaps among those of others
     * @param offset its first element
     * @param shape its sizes
     * @param strides steps between elements, one for each dimension
     */
    record View(Storage storage, long offset, long[] shape, long[] strides) implements Pickled {}

    /** Anything else: a list, a float, settings. It was read past and is not kept. */
    record Other(String what) implements Pickled {}
}
