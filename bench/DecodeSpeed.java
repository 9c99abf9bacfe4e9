import java.io.File;
import java.lang.reflect.Method;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * Decodes pictures with two builds, turn by turn, and prints the median times and their ratio.
 *
 * <p>java bench/DecodeSpeed.java BEFORE AFTER SECONDS FILE... where BEFORE and AFTER are class paths
 * with org.mobilenetv3.image.Pixels.
 */
public final class DecodeSpeed {
    private DecodeSpeed() {}

    public static void main(String[] args) throws Exception {
        Method[] decoders = {decoder(args[0]), decoder(args[1])};
        double seconds = Double.parseDouble(args[2]);
        for (String file : Arrays.copyOfRange(args, 3, args.length)) {
            byte[] bytes = Files.readAllBytes(Path.of(file));
            double[][] times = new double[2][100_000];
            int turns = 0;
            long until = 0;
            for (int warm = 0; warm < 2; warm++) {
                turns = 0;
                until = System.nanoTime() + (long) (seconds * 1e9 / (2 - warm));
                while (System.nanoTime() < until || turns < 3) {
                    for (int i = 0; i < 2; i++) {
                        int build = (i + turns) % 2; // who is first changes
                        long began = System.nanoTime();
                        Object image = decoders[build].invoke(null, bytes, file);
                        times[build][turns] = (System.nanoTime() - began) / 1e6;
                        if (image == null) {
                            throw new AssertionError(file);
                        }
                    }
                    turns++;
                }
            }
            double before = median(times[0], turns);
            double after = median(times[1], turns);
            System.out.printf(
                    Locale.ROOT,
                    "%s: before %.2f ms, after %.2f ms, speed %.2f of before (%d turns)%n",
                    Path.of(file).getFileName(),
                    before,
                    after,
                    before / after,
                    turns);
        }
    }

    private static double median(double[] times, int count) {
        double[] sorted = Arrays.copyOf(times, count);
        Arrays.sort(sorted);
        return sorted[count / 2];
    }

    private static Method decoder(String classPath) throws Exception {
        URL[] urls =
                Stream.of(classPath.split(File.pathSeparator))
                        .map(Path::of)
                        .map(DecodeSpeed::url)
                        .toArray(URL[]::new);
        ClassLoader loader = new URLClassLoader(urls, ClassLoader.getPlatformClassLoader());
        Class<?> pixels = loader.loadClass("org.mobilenetv3.image.Pixels");
        return pixels.getMethod("decode", byte[].class, String.class);
    }

    private static URL url(Path path) {
        try {
            return path.toUri().toURL();
        } catch (MalformedURLException e) {
            throw new IllegalArgumentException(e);
        }
    }
}
