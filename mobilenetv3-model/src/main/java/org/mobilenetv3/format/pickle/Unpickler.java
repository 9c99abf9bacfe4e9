package org.mobilenetv3.format.pickle;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.mobilenetv3.format.Quoted;
import org.mobilenetv3.format.pickle.Pickled.Bytes;
import org.mobilenetv3.format.pickle.Pickled.Call;
import org.mobilenetv3.format.pickle.Pickled.Dict;
import org.mobilenetv3.format.pickle.Pickled.Named;
import org.mobilenetv3.format.pickle.Pickled.Other;
import org.mobilenetv3.format.pickle.Pickled.Text;
import org.mobilenetv3.format.pickle.Pickled.Tuple;
import org.mobilenetv3.format.pickle.Pickled.Whole;

/**
 * Reads the pickle of a checkpoint, protocols 2 to 5, without running anything: it knows dicts and
 * what its {@link Calls} know, passes over plain settings, and refuses whatever else a pickle can
 * ask for. Time and memory follow from the pickle's length. Source: Python's pickletools.
 */
final class Unpickler {

    /** A checkpoint of a thousand tensors and its optimizer takes a tenth of this. */
    private static final int MOST_STEPS = 2_000_000;

    private static final Other PASSED = new Other("settings");
    private static final Other LIST = new Other("a list");
    private static final Other NONE = new Other("None");

    private final byte[] pickle;
    private final Calls calls;
    private final PickleInput in;
    private final List<Pickled> stack = new ArrayList<>();
    private final Deque<Integer> marks = new ArrayDeque<>();
    private final Map<Long, Pickled> memo = new HashMap<>();

    private Unpickler(byte[] pickle, Calls calls) {
        this.pickle = pickle;
        this.calls = calls;
        in = new PickleInput(pickle);
    }

    /**
     * Reads a pickle.
     *
     * @param pickle from its first byte on; not changed
     * @param calls what it may call
     */
    static Pickled read(byte[] pickle, Calls calls) throws IOException {
        return new Unpickler(pickle, calls).run();
    }

    private Pickled run() throws IOException {
        for (int steps = 0; steps < MOST_STEPS; steps++) {
            int code = in.u1();
            PickleOp op = PickleOp.of(code);
            if (op == PickleOp.STOP) {
                return pop();
            }
            if (op == null || !(scalar(op) || container(op) || memo(op) || call(op))) {
                throw new IOException(
                        String.format(
                                Locale.ROOT,
                                "its pickle has the operation 0x%02x at byte %d, which no checkpoint of tensors needs.",
                                code,
                                in.position() - 1));
            }
        }
        throw new IOException(
                String.format(
                        Locale.ROOT,
                        "its pickle takes more than %d steps; save only model.state_dict().",
                        MOST_STEPS));
    }

    private boolean scalar(PickleOp op) throws IOException {
        Pickled value =
                switch (op) {
                    case NONE -> NONE;
                    case NEWTRUE -> new Whole(1);
                    case NEWFALSE -> new Whole(0);
                    case BININT -> new Whole(in.i4());
                    case BININT1 -> new Whole(in.u1());
                    case BININT2 -> new Whole(in.u2());
                    case LONG1 -> whole(in.u1());
                    case LONG4 -> whole(in.i4());
                    case BINUNICODE -> new Text(in.part(in.u4()));
                    case SHORT_BINUNICODE -> new Text(in.part(in.u1()));
                    case BINUNICODE8 -> new Text(in.part(in.i8()));
                    case BINFLOAT -> passed(8);
                    case BINBYTES -> new Bytes(in.part(in.u4()));
                    case SHORT_BINBYTES -> new Bytes(in.part(in.u1()));
                    case BINBYTES8, BYTEARRAY8 -> new Bytes(in.part(in.i8()));
                    default -> null;
                };
        if (value != null) {
            stack.add(value);
        }
        return value != null;
    }

    private Pickled whole(long length) throws IOException {
        Long value = in.integer(length);
        return value == null ? PASSED : new Whole(value);
    }

    private Pickled passed(long length) throws IOException {
        in.skip(length);
        return PASSED;
    }

    private boolean container(PickleOp op) throws IOException {
        switch (op) {
            case MARK -> marks.push(stack.size());
            case POP -> pop();
            case POP_MARK -> items();
            case EMPTY_TUPLE -> stack.add(new Tuple(List.of()));
            case TUPLE -> stack.add(new Tuple(items()));
            case TUPLE1 -> stack.add(tuple(1));
            case TUPLE2 -> stack.add(tuple(2));
            case TUPLE3 -> stack.add(tuple(3));
            case EMPTY_DICT -> stack.add(new Dict(new LinkedHashMap<>()));
            case EMPTY_LIST, EMPTY_SET -> stack.add(LIST);
            case FROZENSET -> passOver(items());
            case APPEND -> drop(List.of(pop()));
            case APPENDS, ADDITEMS -> drop(items());
            case SETITEM -> {
                Pickled value = pop();
                set(List.of(pop(), value));
            }
            case SETITEMS -> set(items());
            default -> {
                return false;
            }
        }
        return true;
    }

    private Tuple tuple(int size) throws IOException {
        List<Pickled> items = new ArrayList<>(size);
        for (int i = 0; i < size; i++) {
            items.add(0, pop());
        }
        return new Tuple(items);
    }

    private void passOver(List<Pickled> items) {
        stack.add(items.isEmpty() ? LIST : PASSED);
    }

    /** Puts items into a list or set, of which no item is of use. */
    private void drop(List<Pickled> items) throws IOException {
        if (!(top() instanceof Other)) {
            throw damaged(
                    String.format(Locale.ROOT, "adds %d items to what is no list", items.size()));
        }
    }

    private void set(List<Pickled> pairs) throws IOException {
        Pickled target = top();
        if (pairs.size() % 2 != 0 || !(target instanceof Dict || target instanceof Other)) {
            throw damaged("sets items of what is no dict");
        }
        if (target instanceof Dict dict) {
            for (int i = 0; i < pairs.size(); i += 2) {
                if (pairs.get(i) instanceof Text key) { // no tensor of a net has another key
                    dict.entries().put(key.value(), pairs.get(i + 1));
                }
            }
        }
    }

    private boolean memo(PickleOp op) throws IOException {
        switch (op) {
            case BINPUT -> memo.put((long) in.u1(), top());
            case LONG_BINPUT -> memo.put(in.u4(), top());
            case MEMOIZE -> memo.put((long) memo.size(), top());
            case BINGET -> stack.add(remembered(in.u1()));
            case LONG_BINGET -> stack.add(remembered(in.u4()));
            case PROTO -> protocol(in.u1());
            case FRAME -> in.i8(); // a frame; its length only helps reading ahead
            default -> {
                return false;
            }
        }
        return true;
    }

    private Pickled remembered(long key) throws IOException {
        Pickled value = memo.get(key);
        if (value == null) {
            throw damaged(String.format(Locale.ROOT, "reads memo %d, which was never set", key));
        }
        return value;
    }

    private static void protocol(int version) throws IOException {
        if (version < 2 || version > 5) {
            throw new IOException(
                    String.format(
                            Locale.ROOT,
                            "its pickle has protocol %d, where 2 to 5 are read.",
                            version));
        }
    }

    private boolean call(PickleOp op) throws IOException {
        switch (op) {
            case GLOBAL -> stack.add(named(in.line(), in.line()));
            case STACK_GLOBAL -> {
                Text name = pop(Text.class);
                stack.add(named(pop(Text.class).value(), name.value()));
            }
            case BINPERSID -> stack.add(calls.referred(pop(Tuple.class)));
            case REDUCE -> {
                Tuple arguments = pop(Tuple.class);
                stack.add(calls.call(pop(Named.class), arguments));
            }
            case NEWOBJ -> {
                pop(Tuple.class);
                stack.add(calls.newObject(pop(Named.class)));
            }
            case NEWOBJ_EX -> {
                pop(Dict.class);
                pop(Tuple.class);
                stack.add(calls.newObject(pop(Named.class)));
            }
            case BUILD -> build();
            default -> {
                return false;
            }
        }
        return true;
    }

    /** Sets an array's state, or attributes of no use: versions of modules, settings. */
    private void build() throws IOException {
        Pickled state = pop();
        Pickled target = top();
        if (target instanceof Call call) {
            call.state().clear();
            call.state().add(state);
        } else if (!(target instanceof Dict || target instanceof Other)) {
            throw damaged("sets the state of what has none");
        }
    }

    private Named named(String module, String name) throws IOException {
        String full = module + "." + name;
        if (!calls.allows(full)) {
            throw new IOException(calls.refusal(Quoted.name(full), pickle));
        }
        return new Named(full);
    }

    private Pickled top() throws IOException {
        if (stack.isEmpty()) {
            throw damaged("pops from an empty stack");
        }
        return stack.get(stack.size() - 1);
    }

    private Pickled pop() throws IOException {
        if (stack.size() <= (marks.isEmpty() ? 0 : marks.peek())) {
            throw damaged("pops from an empty stack");
        }
        return stack.remove(stack.size() - 1);
    }

    private <T extends Pickled> T pop(Class<T> type) throws IOException {
        Pickled value = pop();
        if (!type.isInstance(value)) {
            throw damaged("wants a %s where it has none".formatted(type.getSimpleName()));
        }
        return type.cast(value);
    }

    private List<Pickled> items() throws IOException {
        if (marks.isEmpty()) {
            throw damaged("has no mark where one is due");
        }
        List<Pickled> from = stack.subList(marks.pop(), stack.size());
        List<Pickled> items = List.copyOf(from);
        from.clear();
        return items;
    }

    private IOException damaged(String what) {
        return new IOException(
                String.format(
                        Locale.ROOT,
                        "its pickle %s, before byte %d; it is damaged.",
                        what,
                        in.position()));
    }
}
