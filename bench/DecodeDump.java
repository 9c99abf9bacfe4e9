import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.mobilenetv3.image.Pixels;

/**
 * Decodes the pictures named and writes, for each, FILE.raw: channels, height and width as 32-bit
 * numbers and the samples; or FILE.txt with the sentence that refuses it. pictures.py compares.
 *
 * <p>java -cp mobilenetv3-model/target/classes bench/DecodeDump.java FILE...
 */
public final class DecodeDump {
    private DecodeDump() {}

    public static void main(String[] files) throws IOException {
        for (String file : files) {
            try {
                Pixels image = Pixels.read(Path.of(file));
                try (OutputStream out = Files.newOutputStream(Path.of(file + ".raw"))) {
                    DataOutputStream data = new DataOutputStream(out);
                    data.writeInt(image.channels());
                    data.writeInt(image.height());
                    data.writeInt(image.width());
                    data.write(image.data());
                    data.flush();
                }
            } catch (IOException e) {
                Files.writeString(Path.of(file + ".txt"), e.getMessage());
            }
        }
    }
}
