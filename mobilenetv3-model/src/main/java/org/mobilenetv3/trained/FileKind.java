package org.mobilenetv3.trained;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;
import org.mobilenetv3.format.pickle.PaddleCheckpoint;
import org.mobilenetv3.weights.Format;
import org.mobilenetv3.weights.onnx.OnnxMetadata;
import org.mobilenetv3.weights.onnx.OnnxReader;

/** What a path is, by its content. */
public enum FileKind {
    /** A directory: a model package, if anything. */
    PACKAGE,
    /** A ZIP that PyTorch did not write: a package in a ZIP, if anything. */
    PACKAGE_ZIP,
    /** A state dict in a safetensors file. */
    SAFETENSORS,
    /** A state dict or checkpoint that {@code torch.save} wrote. */
    TORCH,
    /** A state dict that {@code paddle.save} wrote, or another pickle of NumPy's arrays. */
    PADDLE,
    /** A TorchScript archive. */
    TORCHSCRIPT,
    /** An ONNX file of this project, which says all about itself. */
    ONNX_EXPORT,
    /** An ONNX file of another program. */
    ONNX,
    /** Missing, or nothing of these. */
    OTHER;

    private static final int HEAD = 300;

    /**
     * Recognizes a path.
     *
     * @param path any path
     * @return its kind; damaged files are of the kind that they were probably
     * @throws IOException if the file cannot be read
     */
    public static FileKind of(Path path) throws IOException {
        if (Files.isDirectory(path)) {
            return PACKAGE;
        }
        if (!Files.isRegularFile(path)) {
            return OTHER;
        }
        byte[] head;
        try (InputStream in = Files.newInputStream(path)) {
            head = in.readNBytes(HEAD);
        }
        if (OnnxReader.isOnnx(head)) {
            return onnx(path);
        }
        String text = new String(head, StandardCharsets.ISO_8859_1);
        if (text.startsWith("PK\3\4")) {
            return zip(path, text.contains("/data.pkl"));
        }
        if (Format.isSafeTensors(head)) {
            return SAFETENSORS;
        }
        if (Format.isOldTorch(head)) {
            return TORCH;
        }
        return PaddleCheckpoint.isPickle(head) ? PADDLE : OTHER;
    }

    private static FileKind onnx(Path path) throws IOException {
        try {
            return NetDescription.isIn(OnnxMetadata.read(path)) ? ONNX_EXPORT : ONNX;
        } catch (IOException e) { // damaged: opening it says how
            return ONNX_EXPORT;
        }
    }

    /** In TorchScript a module's pickle comes first and code beside it; checkpoints have none. */
    private static FileKind zip(Path path, boolean pickleFirst) throws IOException {
        try (ZipFile zip = new ZipFile(path.toFile())) {
            List<String> names = zip.stream().map(entry -> entry.getName()).toList();
            if (names.stream().noneMatch(name -> name.endsWith("/data.pkl"))) {
                return PACKAGE_ZIP;
            }
            boolean code = names.stream().anyMatch(name -> name.endsWith("/constants.pkl"));
            return pickleFirst && code ? TORCHSCRIPT : TORCH;
        } catch (ZipException e) { // damaged: the name is all there is to go by
            if (pickleFirst && !path.toString().endsWith(".pth")) {
                return TORCHSCRIPT;
            }
            return path.toString().matches("(?i).*\\.(pth|pt)(\\.tar)?") ? TORCH : PACKAGE_ZIP;
        }
    }

    /**
     * Returns whether the file was exported by this project, to be run by its format's own runtime.
     *
     * @return true for TorchScript and this project's ONNX
     */
    public boolean isExport() {
        return this == TORCHSCRIPT || this == ONNX_EXPORT;
    }

    /**
     * Returns whether the path can only be a package.
     *
     * @return true for directories, ZIP files and what is nothing known
     */
    public boolean isPackage() {
        return this == PACKAGE || this == PACKAGE_ZIP || this == OTHER;
    }
}
