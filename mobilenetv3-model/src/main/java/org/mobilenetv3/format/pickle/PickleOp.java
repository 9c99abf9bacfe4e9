package org.mobilenetv3.format.pickle;

/** Operations of a pickle that checkpoints have, named and explained by Python's pickletools. */
public enum PickleOp {
    MARK('('),
    STOP('.'),
    POP('0'),
    POP_MARK('1'),
    BINFLOAT('G'),
    BININT('J'),
    BININT1('K'),
    BININT2('M'),
    LONG1(0x8a),
    LONG4(0x8b),
    NONE('N'),
    NEWTRUE(0x88),
    NEWFALSE(0x89),
    BINUNICODE('X'),
    SHORT_BINUNICODE(0x8c),
    BINUNICODE8(0x8d),
    BINBYTES('B'),
    SHORT_BINBYTES('C'),
    BINBYTES8(0x8e),
    BYTEARRAY8(0x96),
    EMPTY_TUPLE(')'),
    TUPLE('t'),
    TUPLE1(0x85),
    TUPLE2(0x86),
    TUPLE3(0x87),
    EMPTY_DICT('}'),
    SETITEM('s'),
    SETITEMS('u'),
    EMPTY_LIST(']'),
    APPEND('a'),
    APPENDS('e'),
    EMPTY_SET(0x8f),
    ADDITEMS(0x90),
    FROZENSET(0x91),
    BINPUT('q'),
    LONG_BINPUT('r'),
    MEMOIZE(0x94),
    BINGET('h'),
    LONG_BINGET('j'),
    PROTO(0x80),
    FRAME(0x95),
    GLOBAL('c'),
    STACK_GLOBAL(0x93),
    BINPERSID('Q'),
    REDUCE('R'),
    NEWOBJ(0x81),
    NEWOBJ_EX(0x92),
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

    /** Returns the operation of a byte without sign; null if checkpoints have none of that code. */
    public static PickleOp of(int code) {
        return BY_CODE[code];
    }

    /** Returns the byte that stands for the operation, without sign. */
    public int code() {
        return code;
    }
}
