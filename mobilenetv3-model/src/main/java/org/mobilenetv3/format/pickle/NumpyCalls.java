package org.mobilenetv3.format.pickle;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Set;
import org.mobilenetv3.format.Quoted;
import org.mobilenetv3.format.pickle.Pickled.Call;
import org.mobilenetv3.format.pickle.Pickled.Named;
import org.mobilenetv3.format.pickle.Pickled.Tuple;

/** What a pickle of NumPy's arrays may call; see {@code ndarray.__reduce_ex__}. */
final class NumpyCalls implements Calls {

    /** An array's maker, of NumPy 2 and before; its shape, type and bytes come as its state. */
    static final Set<String> RECONSTRUCT =
            Set.of("numpy.core.multiarray._reconstruct", "numpy._core.multiarray._reconstruct");

    /** An array's maker in protocol 5, with all that it takes. */
    static final Set<String> FROM_BUFFER =
            Set.of("numpy.core.numeric._frombuffer", "numpy._core.numeric._frombuffer");

    static final String DTYPE = "numpy.dtype";

    /** Makes bytes of a string, as protocol 2 has them. */
    static final String ENCODE = "_codecs.encode";

    /** Paddle makes a tensor a tuple of its internal name and its array. */
    static final Set<String> TUPLE = Set.of("builtins.tuple", "__builtin__.tuple");

    /** Named as an argument, or of no use. */
    private static final Set<String> OTHERS =
            Set.of(
                    DTYPE,
                    ENCODE,
                    "numpy.ndarray",
                    "numpy.core.multiarray.scalar",
                    "numpy._core.multiarray.scalar");

    @Override
    public boolean allows(String name) {
        return name.equals(Calls.DICT)
                || RECONSTRUCT.contains(name)
                || FROM_BUFFER.contains(name)
                || TUPLE.contains(name)
                || OTHERS.contains(name);
    }

    @Override
    public String refusal(String quoted, byte[] pickle) {
        return "it wants to call %s, which no file of arrays needs; if you trust it, save the weights in Python with paddle.save(model.state_dict(), 'weights.pdparams')."
                .formatted(quoted);
    }

    @Override
    public Pickled call(Named function, Tuple arguments) throws IOException {
        return function.name().equals(Calls.DICT)
                ? Calls.emptyDict(arguments)
                : new Call(function.name(), arguments.items(), new ArrayList<>(1));
    }

    @Override
    public Pickled newObject(Named type) throws IOException {
        throw new IOException(
                "it makes a %s in a way that NumPy does not.".formatted(Quoted.name(type.name())));
    }

    @Override
    public Pickled referred(Tuple reference) throws IOException {
        throw new IOException(
                "its pickle refers to something outside of it, which Paddle's never do.");
    }
}
