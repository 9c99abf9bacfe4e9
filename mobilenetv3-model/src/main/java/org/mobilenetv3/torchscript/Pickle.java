package org.mobilenetv3.torchscript;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.mobilenetv3.format.pickle.PickleOp;
import org.mobilenetv3.format.pickle.PickleWriter;

/** Writes a module as a pickle; its tensors go apart, by number. */
final class Pickle {

    private final PickleWriter out = new PickleWriter();
    private final List<Member.Tensor> tensors = new ArrayList<>();
    private final byte[] bytes;

    Pickle(Member.Module root) {
        write(root);
        bytes = out.finish();
    }

    byte[] bytes() {
        return bytes;
    }

    /** The tensors by the number under which the pickle refers to them. */
    List<Member.Tensor> tensors() {
        return tensors;
    }

    private void write(Member member) {
        if (member instanceof Member.Module module) {
            module(module);
        } else if (member instanceof Member.Tensor tensor) {
            out.tensor(tensor.shape(), "FloatStorage", tensors.size(), tensor.trainable());
            tensors.add(tensor);
        } else if (member instanceof Member.Flag flag) {
            out.flag(flag.value());
        } else {
            out.op(PickleOp.EMPTY_LIST);
        }
    }

    private void module(Member.Module module) {
        out.global("__torch__", module.className()).op(PickleOp.EMPTY_TUPLE); // no arguments
        out.op(PickleOp.NEWOBJ);
        out.op(PickleOp.EMPTY_DICT).op(PickleOp.MARK);
        for (Map.Entry<String, Member> entry : module.members().entrySet()) {
            out.text(entry.getKey());
            write(entry.getValue());
        }
        out.op(PickleOp.SETITEMS);
        out.op(PickleOp.BUILD);
    }
}
