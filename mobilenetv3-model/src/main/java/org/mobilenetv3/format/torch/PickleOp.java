package org.mobilenetv3.format.torch;

/** Operations of a pickle that checkpoints have, by their names in Python's pickletools. */
public enum PickleOp {
    /** Begins a tuple or a list of items. */
    MARK('('),
    /** Ends the pickle. */
    STOP('.'),
    /** Takes the top off. */
    POP('0'),
    /** Takes off all down to the mark. */
    POP_MARK('1'),
    /** A float of 8 bytes. */
    BINFLOAT('G'),
    /** An integer of 4 bytes. */
    BININT('J'),
    /** An integer of 1 byte, without sign. */
    BININT1('K'),
    /** An integer of 2 bytes, without sign. */
    BININT2('M'),
    /** An integer of up to 255 bytes. */
    LONG1(0x8a),
    /** An integer of up to 2^31 bytes. */
    LONG4(0x8b),
    /** None. */
    NONE('N'),
    /** True. */
    NEWTRUE(0x88),
    /** False. */
    NEWFALSE(0x89),
    /** Text in UTF-8, with a length of 4 bytes. */
    BINUNICODE('X'),
    /** Text in UTF-8, with a length of 1 byte. */
    SHORT_BINUNICODE(0x8c),
    /** Text in UTF-8, with a length of 8 bytes. */
    BINUNICODE8(0x8d),
    /** Bytes, with a length of 4 bytes. */
    BINBYTES('B'),
    /** Bytes, with a length of 1 byte. */
    SHORT_BINBYTES('C'),
    /** Bytes, with a length of 8 bytes. */
    BINBYTES8(0x8e),
    /** A byte array, with a length of 8 bytes. */
    BYTEARRAY8(0x96),
    /** A tuple of nothing. */
    EMPTY_TUPLE(')'),
    /** A tuple of the items down to the mark. */
    TUPLE('t'),
    /** A tuple of the top. */
    TUPLE1(0x85),
    /** A tuple of the top two. */
    TUPLE2(0x86),
    /** A tuple of the top three. */
    TUPLE3(0x87),
    /** A dict of nothing. */
    EMPTY_DICT('}'),
    /** Puts a key and a value into a dict. */
    SETITEM('s'),
    /** Puts the keys and values down to the mark into a dict. */
    SETITEMS('u'),
    /** A list of nothing. */
    EMPTY_LIST(']'),
    /** Appends the top to a list. */
    APPEND('a'),
    /** Appends the items down to the mark to a list. */
    APPENDS('e'),
    /** A set of nothing. */
    EMPTY_SET(0x8f),
    /** Adds the items down to the mark to a set. */
    ADDITEMS(0x90),
    /** A frozen set of the items down to the mark. */
    FROZENSET(0x91),
    /** Notes the top under a number of 1 byte. */
    BINPUT('q'),
    /** Notes the top under a number of 4 bytes. */
    LONG_BINPUT('r'),
    /** Notes the top under the next number. */
    MEMOIZE(0x94),
    /** What was noted under a number of 1 byte. */
    BINGET('h'),
    /** What was noted under a number of 4 bytes. */
    LONG_BINGET('j'),
    /** The protocol's version. */
    PROTO(0x80),
    /** The length of what follows. */
    FRAME(0x95),
    /** A class or function by its module and name, a line each. */
    GLOBAL('c'),
    /** A class or function by the top two, module and name. */
    STACK_GLOBAL(0x93),
    /** What lies outside the pickle, by its id. */
    BINPERSID('Q'),
    /** Calls a function with a tuple of arguments. */
    REDUCE('R'),
    /** Makes an object of a class with a tuple of arguments. */
    NEWOBJ(0x81),
    /** Makes an object, with named arguments, too. */
    NEWOBJ_EX(0x92),
    /** Sets an object's state. */
    BUILD('b');

    private static final PickleOp[] BY_CODE = new PickleOp[256];

    static {
        for (PickleOp op : values()) {
            BY_CODE[op.code] = op;
        }
    }

    private final int code;

    PickleOp(int code) {
        this.code = code;
    }

    /**
     * Finds an operation.
     *
     * @param code a byte, without sign
     * @return the operation; null if checkpoints have none of that code
     */
    public static PickleOp of(int code) {
        return BY_CODE[code];
    }

    /**
     * Returns the byte that stands for the operation.
     *
     * @return without sign
     */
    public int code() {
        return code;
    }
}
