package org.mobilenetv3.format.pickle;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Locale;
import org.mobilenetv3.format.pickle.Pickled.Dict;
import org.mobilenetv3.format.pickle.Pickled.Named;
import org.mobilenetv3.format.pickle.Pickled.Tuple;

/** What a pickle may call, and what stands for the result; nothing is run. */
interface Calls {

    /** A dict that keeps its order, which PyTorch and Paddle write alike. */
    String DICT = "collections.OrderedDict";

    /** Whether the pickle may name a class or function. */
    boolean allows(String name);

    /** Says that a name is not allowed, and what to do. */
    String refusal(String quoted, byte[] pickle);

    /** What a call makes; the name is one of those allowed. */
    Pickled call(Named function, Tuple arguments) throws IOException;

    /** What making an object of a class gives. */
    Pickled newObject(Named type) throws IOException;

    /** What lies outside the pickle, which only refers to it. */
    Pickled referred(Tuple reference) throws IOException;

    /** An {@link #DICT} to be filled. */
    static Dict emptyDict(Tuple arguments) throws IOException {
        if (!arguments.items().isEmpty()) {
            throw new IOException(
                    String.format(
                            Locale.ROOT,
                            "it makes an OrderedDict of %d arguments, where none is expected.",
                            arguments.items().size()));
        }
        return new Dict(new LinkedHashMap<>());
    }
}
