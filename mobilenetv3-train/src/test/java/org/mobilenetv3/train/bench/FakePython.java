package org.mobilenetv3.train.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** A program that answers as bench/peers.py does, or misbehaves as its first argument says. */
final class FakePython {

    private FakePython() {}

    /** Makes an implementation of it; what it says about its net is the last argument. */
    static PythonNet peer(String behavior, BenchCase work, long parameters) {
        return new PythonNet(
                behavior, command(behavior, parameters), Map.of("FAKE_PYTHON", "set"), work);
    }

    /** Starts it in a process of its own. */
    static List<String> command(String behavior, long parameters) {
        return List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                FakePython.class.getName(),
                behavior,
                Long.toString(parameters));
    }

    /**
     * Answers requests.
     *
     * @param args behavior and parameter count
     */
    public static void main(String[] args) throws IOException {
        BufferedReader in =
                new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        int runs = 0;
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            if (line.contains("quit")) {
                return;
            }
            if (line.contains("\"prepare\"")) {
                System.out.println(prepared(args[0], args[1], line));
            } else {
                System.out.println(measured(args[0], ++runs, line));
            }
        }
    }

    private static String prepared(String behavior, String parameters, String request) {
        boolean understood =
                request.contains("\"train\"")
                        && request.contains("\"contestant\":\"" + behavior + "\"")
                        && "set".equals(System.getenv("FAKE_PYTHON"));
        if (!understood) {
            return "{\"error\": \"The request " + request.replace('"', '\'') + " is wrong.\"}";
        }
        return switch (behavior) {
            case "skips" -> "{\"skip\": \"torch is not installed\"}";
            case "raises" -> "{\"error\": \"RuntimeError: no memory\"}";
            case "forgets" -> "{\"ready\": true, \"engine\": \"PyTorch 9.9\"}";
            default ->
                    "{\"ready\": true, \"engine\": \"PyTorch 9.9\", \"parameters\": "
                            + parameters
                            + "}";
        };
    }

    private static String measured(String behavior, int runs, String request) {
        boolean first = runs == 1;
        switch (behavior) {
            case "dies" -> {
                System.err.println("Segmentation fault in the middle of a step");
                System.exit(3);
            }
            case "dies later" -> {
                if (!first) {
                    System.exit(139);
                }
            }
            case "babbles" -> {
                return "Downloading: 99%";
            }
            case "stands still" -> {
                return "{\"ms\": 0}";
            }
            default -> {
                // Says how many steps it was asked for, so that a test can see it.
                return "{\"ms\": " + Double.parseDouble(request.replaceAll("\\D", "")) + "}";
            }
        }
        return "{\"ms\": 100}";
    }
}
