package org.mobilenetv3.format.pickle;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.mobilenetv3.format.ElementType;
import org.mobilenetv3.format.Quoted;
import org.mobilenetv3.format.pickle.Pickled.Dict;
import org.mobilenetv3.format.pickle.Pickled.Named;
import org.mobilenetv3.format.pickle.Pickled.Other;
import org.mobilenetv3.format.pickle.Pickled.Storage;
import org.mobilenetv3.format.pickle.Pickled.Text;
import org.mobilenetv3.format.pickle.Pickled.Tuple;
import org.mobilenetv3.format.pickle.Pickled.View;
import org.mobilenetv3.format.pickle.Pickled.Whole;

/** What a checkpoint may call, and what comes of it; see {@code torch/_utils.py}. */
final class TorchCalls implements Calls {

    private static final String TENSOR = "torch._utils._rebuild_tensor";
    private static final String PARAMETER = "torch._utils._rebuild_parameter";
    private static final String STORAGE = "Storage";

    /** Settings and counters beside the weights; read past. */
    private static final Set<String> SETTINGS =
            Set.of(
                    "argparse.Namespace",
                    "types.SimpleNamespace",
                    "collections.Counter",
                    "collections.defaultdict",
                    "pathlib.PosixPath",
                    "pathlib.WindowsPath",
                    "pathlib._local.PosixPath",
                    "pathlib._local.WindowsPath",
                    "pytorch_lightning.utilities.parsing.AttributeDict",
                    "lightning.fabric.utilities.data.AttributeDict",
                    "lightning_fabric.utilities.data.AttributeDict",
                    "datetime.date",
                    "datetime.datetime",
                    "datetime.time",
                    "datetime.timedelta",
                    "datetime.timezone",
                    "torch.torch_version.TorchVersion",
                    "torch.Size",
                    "torch.device",
                    "_codecs.encode",
                    "numpy.dtype",
                    "numpy.ndarray",
                    "numpy.core.multiarray.scalar",
                    "numpy._core.multiarray.scalar",
                    "numpy.core.multiarray._reconstruct",
                    "numpy._core.multiarray._reconstruct");

    private static final Set<String> BUILT_IN =
            Set.of("set", "frozenset", "dict", "list", "tuple", "int", "float", "bytearray");

    private static final String ELEMENT_TYPES =
            "torch\\.(float|double|half|bfloat|complex|int|uint|qint|quint|bool|float8_)[0-9a-z_]*";

    @Override
    public boolean allows(String name) {
        int dot = name.lastIndexOf('.');
        String module = name.substring(0, dot);
        String last = name.substring(dot + 1);
        return makes(name)
                || SETTINGS.contains(name)
                || ((module.equals("builtins") || module.equals("__builtin__"))
                        && BUILT_IN.contains(last))
                || (module.equals("torch") && last.endsWith(STORAGE))
                || name.equals("torch.storage.UntypedStorage")
                || name.matches(ELEMENT_TYPES);
    }

    @Override
    public String refusal(String quoted, byte[] pickle) {
        String text = new String(pickle, StandardCharsets.ISO_8859_1);
        boolean module = text.contains("_parameters") && text.contains("_modules");
        return (module
                        ? "it holds a whole Python object of class %s (torch.save(model)), not only its weights; save them in Python with torch.save(model.state_dict(), 'weights.pth')."
                        : "it wants to call %s, which no checkpoint of tensors needs; if you trust it, save the weights in Python with torch.save(model.state_dict(), 'weights.pth').")
                .formatted(quoted);
    }

    private static boolean makes(String name) {
        return name.equals(Calls.DICT)
                || name.equals(TENSOR)
                || name.equals(TENSOR + "_v2")
                || name.equals(PARAMETER)
                || name.equals(PARAMETER + "_with_state");
    }

    @Override
    public Pickled call(Named function, Tuple arguments) throws IOException {
        List<Pickled> given = arguments.items();
        if (function.name().startsWith(TENSOR)) {
            return tensor(given);
        }
        if (function.name().startsWith(PARAMETER)) {
            return argument(given, 0, View.class);
        }
        if (function.name().equals(Calls.DICT)) {
            return Calls.emptyDict(arguments);
        }
        return settings(function);
    }

    @Override
    public Pickled newObject(Named type) throws IOException {
        return settings(type);
    }

    private static Other settings(Named function) throws IOException {
        if (makes(function.name()) || function.name().endsWith(STORAGE)) {
            throw new IOException(
                    "it makes a %s in a way that PyTorch does not.".formatted(function.name()));
        }
        return new Other(function.name());
    }

    @Override
    public Storage referred(Tuple reference) throws IOException {
        List<Pickled> parts = reference.items();
        if (!argument(parts, 0, Text.class).value().equals("storage")) {
            throw new IOException("its pickle refers to something that is no storage.");
        }
        String type = argument(parts, 1, Named.class).name();
        String simple = type.substring(type.lastIndexOf('.') + 1);
        ElementType elements = ElementType.ofStorage(simple).orElse(null);
        if (elements == null) {
            throw new IOException(
                    "it has tensors in a %s, which are not read; save them as 32-bit floats."
                            .formatted(Quoted.name(type)));
        }
        String key = argument(parts, 2, Text.class).value();
        return new Storage(key, elements, argument(parts, 4, Whole.class).value());
    }

    /** A tensor: storage, offset, sizes, strides, and what is of no use here. */
    private static View tensor(List<Pickled> given) throws IOException {
        Storage storage = argument(given, 0, Storage.class);
        long offset = argument(given, 1, Whole.class).value();
        long[] shape = numbers(argument(given, 2, Tuple.class));
        long[] strides = numbers(argument(given, 3, Tuple.class));
        if (given.size() > 6 && given.get(6) instanceof Dict state && !state.entries().isEmpty()) {
            throw new IOException(
                    "it has a tensor with the state %s, which is not read; save tensor.clone()."
                            .formatted(Quoted.name(state.entries().keySet() + "")));
        }
        Strided.check(shape, strides, offset, storage.elements());
        return new View(storage, offset, shape, strides);
    }

    private static long[] numbers(Tuple tuple) throws IOException {
        long[] numbers = new long[tuple.items().size()];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = argument(tuple.items(), i, Whole.class).value();
        }
        return numbers;
    }

    private static <T extends Pickled> T argument(List<Pickled> given, int i, Class<T> type)
            throws IOException {
        if (i >= given.size() || !type.isInstance(given.get(i))) {
            throw new IOException(
                    String.format(
                            Locale.ROOT,
                            "its pickle describes a tensor in a way that PyTorch does not (part %d is no %s).",
                            i,
                            type.getSimpleName()));
        }
        return type.cast(given.get(i));
    }
}
