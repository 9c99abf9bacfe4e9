import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.mobilenetv3.image.Interpolation;
import org.mobilenetv3.image.Pixels;

/**
 * Resizes as each line "FILE resize|crop INTERPOLATION A B" of DIR/cases.txt says: to height A and
 * width B, or the shorter side to A and the middle B cropped. The images and what comes out, one
 * LINE.out for each line, are channels, height and width as 32-bit numbers and the samples.
 * resize.py runs this and compares.
 *
 * <p>java -cp mobilenetv3-model/target/classes bench/ResizeDump.java DIR
 */
public final class ResizeDump {
    private ResizeDump() {}

    public static void main(String[] args) throws IOException {
        Path folder = Path.of(args[0]);
        List<String> cases = Files.readAllLines(folder.resolve("cases.txt"));
        for (int i = 0; i < cases.size(); i++) {
            String[] field = cases.get(i).split(" ");
            Pixels image = read(folder.resolve(field[0]));
            Interpolation how = Interpolation.valueOf(field[2].toUpperCase(Locale.ROOT));
            int a = Integer.parseInt(field[3]);
            int b = Integer.parseInt(field[4]);
            write(
                    field[1].equals("crop")
                            ? image.resizeAndCrop(a, b, how)
                            : image.resize(a, b, how),
                    folder.resolve(i + ".out"));
        }
    }

    private static Pixels read(Path file) throws IOException {
        try (DataInputStream in = new DataInputStream(Files.newInputStream(file))) {
            int channels = in.readInt();
            int height = in.readInt();
            int width = in.readInt();
            return new Pixels(in.readAllBytes(), channels, height, width);
        }
    }

    private static void write(Pixels image, Path file) throws IOException {
        try (OutputStream out = Files.newOutputStream(file)) {
            DataOutputStream data = new DataOutputStream(out);
            data.writeInt(image.channels());
            data.writeInt(image.height());
            data.writeInt(image.width());
            data.write(image.data());
            data.flush();
        }
    }
}
