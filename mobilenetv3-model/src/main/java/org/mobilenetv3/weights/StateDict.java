package org.mobilenetv3.weights;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.mobilenetv3.format.Tensor;
import org.mobilenetv3.format.TensorFile;

/**
 * The named tensors of a file. Opening reads names, shapes and types; a tensor's numbers are read
 * when they are asked for, until the file is closed.
 *
 * <p>What wraps a net leaves its mark on the names: {@code module.} (DataParallel), {@code
 * _orig_mod.} (torch.compile), {@code model.} (Lightning), or what a program called its net. The
 * parts before a MobileNetV3's first layer are taken off, and tensors that do not have them (a
 * loss's weights, counters of metrics, an averaged copy of the net) are left out and told. Of files
 * without such a net, a first part {@code module}, {@code _orig_mod}, {@code model}, {@code net} or
 * {@code backbone} is taken off if all names have it.
 */
public final class StateDict implements AutoCloseable {

    private final Path file;
    private final Format format;
    private final Map<String, Tensor> tensors;
    private final Map<String, String> metadata;
    private final List<String> notes;
    private final TensorFile source;

    private StateDict(Path file, Format format, Names.Unwrapped net, TensorFile source) {
        this.file = file;
        this.format = format;
        this.tensors = Collections.unmodifiableMap(new LinkedHashMap<>(net.tensors()));
        this.notes = net.notes();
        this.metadata = Collections.unmodifiableMap(new LinkedHashMap<>(source.metadata()));
        this.source = source;
    }

    /**
     * Opens a file; whether it is safetensors, PyTorch's or Paddle's is seen from its first bytes.
     *
     * @param file a {@code .safetensors} file, or what {@code torch.save} or {@code paddle.save}
     *     wrote
     * @return its tensors, to be closed
     * @throws IOException if the file is none of these, is damaged, or asks for anything but
     *     tensors
     */
    public static StateDict open(Path file) throws IOException {
        if (!Files.exists(file)) {
            throw new IOException("There is no file " + file + ".");
        }
        if (Files.isDirectory(file)) {
            throw new IOException(file + " is a directory; give a file of weights.");
        }
        Format format = Format.of(file);
        TensorFile source = null;
        try {
            source = format.open(file);
            return new StateDict(file, format, Names.unwrap(source.tensors()), source);
        } catch (IOException e) {
            if (source != null) {
                source.close();
            }
            throw new IOException(
                    "%s cannot be read as %s: %s"
                            .formatted(file, format.description(), e.getMessage()),
                    e);
        }
    }

    /**
     * Returns the tensors.
     *
     * @return by name, in the file's order; unmodifiable
     */
    public Map<String, Tensor> tensors() {
        return tensors;
    }

    /**
     * Returns what the file says about itself.
     *
     * @return {@code __metadata__} of a safetensors file, without the checksum; otherwise empty
     */
    public Map<String, String> metadata() {
        return metadata;
    }

    /**
     * Returns what was left out.
     *
     * @return a sentence each; none if all tensors are of one net
     */
    public List<String> notes() {
        return notes;
    }

    /**
     * Returns the file.
     *
     * @return as it was given
     */
    public Path file() {
        return file;
    }

    /**
     * Returns the file's format.
     *
     * @return for people: {@code safetensors}, {@code PyTorch} or {@code Paddle}
     */
    public String format() {
        return format.toString();
    }

    /** Closes the file. Tensors whose numbers were not read can no longer be. */
    @Override
    public void close() throws IOException {
        source.close();
    }
}
