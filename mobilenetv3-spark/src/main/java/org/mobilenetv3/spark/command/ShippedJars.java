package org.mobilenetv3.spark.command;

import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import org.mobilenetv3.spark.MobileNetV3Transformer;
import org.mobilenetv3.trained.NetEngine;
import org.mobilenetv3.trained.TrainedNet;

/** The jars that executors of a cluster need beside Spark's own. */
final class ShippedJars {

    private ShippedJars() {}

    /** Returns their paths, separated by commas; a folder of classes becomes a jar. */
    static String all() throws IOException {
        List<String> jars = new ArrayList<>();
        for (Class<?> one :
                List.of(
                        MobileNetV3Transformer.class,
                        TrainedNet.class,
                        NetEngine.requireVector().getClass(),
                        Shape.class)) {
            Path place;
            try {
                place = Path.of(one.getProtectionDomain().getCodeSource().getLocation().toURI());
            } catch (URISyntaxException e) {
                throw new IOException("The jar of " + one + " cannot be found.", e);
            }
            jars.add("" + (Files.isDirectory(place) ? jar(place) : place));
        }
        return String.join(",", jars);
    }

    private static Path jar(Path classes) throws IOException {
        Path jar = Files.createTempFile("mobilenetv3-", ".jar");
        jar.toFile().deleteOnExit();
        try (OutputStream out = Files.newOutputStream(jar);
                JarOutputStream entries = new JarOutputStream(out);
                Stream<Path> files = Files.walk(classes)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                String name = classes.relativize(file).toString().replace('\\', '/');
                entries.putNextEntry(new JarEntry(name));
                Files.copy(file, entries);
                entries.closeEntry();
            }
        }
        return jar;
    }
}
