package org.mobilenetv3.torchscript;

import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.Map;
import org.mobilenetv3.format.Tensor;
import org.mobilenetv3.format.pickle.PickleOp;
import org.mobilenetv3.format.pickle.PickleWriter;
import org.mobilenetv3.format.pickle.StoredZip;

/** Writes a TorchScript archive as {@code torch.jit.save} makes it. */
final class Archive {

    private Archive() {}

    /**
     * Writes a module.
     *
     * @param out where to; flushed, not closed
     * @param root name of the folder inside
     * @param source the classes, as TorchScript
     * @param module the object
     * @param extra further files by name, which PyTorch reads through {@code _extra_files}
     * @throws IOException if writing fails
     */
    static void write(
            OutputStream out,
            String root,
            String source,
            Member.Module module,
            Map<String, String> extra)
            throws IOException {
        StoredZip zip = new StoredZip(out, root);
        Pickle pickle = new Pickle(module);
        zip.add("data.pkl", pickle.bytes());
        zip.add("byteorder", "little");
        zip.add("code/__torch__.py", source);
        zip.add("constants.pkl", new PickleWriter().op(PickleOp.MARK).op(PickleOp.TUPLE).finish());
        // From 4 on PyTorch takes div as it is; an upgrader around it stops other converters.
        zip.add("version", "4\n");
        for (Map.Entry<String, String> file : extra.entrySet()) {
            zip.add("extra/" + file.getKey(), file.getValue());
        }
        List<Member.Tensor> tensors = pickle.tensors();
        for (int i = 0; i < tensors.size(); i++) {
            zip.add("data/" + i, Tensor.littleEndian(tensors.get(i).values().get()));
        }
        zip.finish();
    }
}
