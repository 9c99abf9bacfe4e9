package org.mobilenetv3.process;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.io.Serializable;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/**
 * A Java process to be started, here or on another host with the same files: what crashes in native
 * code takes only itself along. Its main class must call {@link ParentProcess#watch}, so that it
 * does not outlive who started it.
 *
 * @param classPath of the process
 * @param options of Java, before the main class
 * @param main its main class
 * @param arguments of the main class
 * @param log the file that what it prints is appended to
 */
public record ChildProcess(
        String classPath, List<String> options, String main, List<String> arguments, String log)
        implements Serializable {

    private static final long LOOK_MILLIS = 200;

    /**
     * Makes a process with the class path of this one, and with Java's options of the launcher for
     * training.
     *
     * @param main its main class
     * @param arguments of the main class
     * @param log the file that what it prints is appended to
     * @return to be started
     */
    public static ChildProcess likeThis(Class<?> main, List<String> arguments, Path log) {
        List<String> java = new ArrayList<>();
        java.add("--enable-native-access=ALL-UNNAMED");
        for (String name : List.of("file", "stdout", "stderr", "sun.stdout", "sun.stderr")) {
            java.add("-D" + name + ".encoding=UTF-8");
        }
        String given = System.getenv().getOrDefault("JAVA_OPTS", "");
        if (!given.contains("-XX:+Use") || !given.contains("GC")) {
            java.add("-XX:+UseSerialGC");
        }
        java.addAll(Stream.of(given.split("\\s+")).filter(word -> !word.isEmpty()).toList());
        return new ChildProcess(
                System.getProperty("java.class.path"),
                List.copyOf(java),
                main.getName(),
                List.copyOf(arguments),
                log.toString());
    }

    /**
     * Runs the process to its end.
     *
     * @param environment variables beside those of this process
     * @param stopped asked several times a second; once it is true, the process is told to save and
     *     end, and is not waited for
     * @return its exit code; 128 and more where a signal ended it, 130 where it was stopped
     * @throws IOException if it cannot be started
     */
    @SuppressWarnings("try") // the lifeline is only held
    public int run(Map<String, String> environment, BooleanSupplier stopped) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(options);
        command.addAll(List.of("-cp", classPath, main));
        command.addAll(arguments);
        ProcessBuilder builder =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.appendTo(new File(log)));
        builder.environment().putAll(environment);
        Process process = builder.start();
        try (OutputStream lifeline = process.getOutputStream()) { // the child watches its end
            while (!process.waitFor(LOOK_MILLIS, TimeUnit.MILLISECONDS)) {
                if (stopped.getAsBoolean()) {
                    return ParentProcess.STOPPED;
                }
            }
            return process.exitValue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return ParentProcess.STOPPED;
        }
    }
}
