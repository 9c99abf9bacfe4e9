package org.mobilenetv3.serve.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.mobilenetv3.cli.Main;

/** What a command printed and returned. */
record CommandLineRun(int code, String out, String err) {

    static CommandLineRun run(String... args) {
        PrintStream out = System.out;
        PrintStream err = System.err;
        ByteArrayOutputStream newOut = new ByteArrayOutputStream();
        ByteArrayOutputStream newErr = new ByteArrayOutputStream();
        try {
            System.setOut(new PrintStream(newOut, true, StandardCharsets.UTF_8));
            System.setErr(new PrintStream(newErr, true, StandardCharsets.UTF_8));
            int code = Main.run(args);
            return new CommandLineRun(
                    code,
                    newOut.toString(StandardCharsets.UTF_8),
                    newErr.toString(StandardCharsets.UTF_8));
        } finally {
            System.setOut(out);
            System.setErr(err);
        }
    }

    static void assertFails(CommandLineRun result, int code, String message) {
        assertThat(result.err()).contains(message).doesNotContain("\tat ");
        assertThat(result.code()).isEqualTo(code);
    }
}
