package org.mobilenetv3.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.stream.Stream;
import org.mobilenetv3.download.DownloadListener;
import org.mobilenetv3.pretrained.Pretrained;
import org.mobilenetv3.pretrained.WeightsLocator;
import org.mobilenetv3.trained.ElasticPackage;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The option {@code --weights}: a path, or weights that are fetched if they are not here. */
public final class WeightsOption {

    /** What {@code --weights} takes, for the help. */
    public static final String DESCRIPTION =
            "A package, a zip of one, an exported file, a file of torchvision, timm, PaddleClas ...;"
                    + " or a name that 'models' lists, hf:OWNER/NAME[@REVISION] of the Hugging Face"
                    + " Hub, or an https address, which are fetched if they are not here.";

    @Option(
            names = "--weights",
            paramLabel = "WEIGHTS",
            completionCandidates = Names.class,
            description = DESCRIPTION)
    private String weights;

    @Mixin private SubnetOption subnet = new SubnetOption();

    @Spec(Spec.Target.MIXEE)
    private CommandSpec command;

    /** Creates the option; picocli fills it in. */
    public WeightsOption() {}

    /**
     * Returns whether the option was given.
     *
     * @return false if the command must do without, or take a default
     */
    public boolean isGiven() {
        return weights != null;
    }

    /**
     * Returns what was given.
     *
     * @return a path, a name or an address; null if nothing was
     */
    public String text() {
        return weights;
    }

    /**
     * Returns whether the subnet that suits an image's size was asked for.
     *
     * @return whether the option {@code --subnet} is {@code auto}
     */
    public boolean isSubnetAuto() {
        return ElasticPackage.AUTO.equals(subnet.name());
    }

    /**
     * Finds or fetches the weights.
     *
     * @return where they lie, or the subnet that was asked for
     * @throws IOException in one sentence, if they cannot be had
     * @throws ParameterException if the option was not given
     */
    public Path locate() throws IOException {
        if (weights == null) {
            throw new ParameterException(
                    command.commandLine(), "Missing required option: '--weights=WEIGHTS'");
        }
        return subnet.within(locate(weights));
    }

    /**
     * Finds or fetches the weights, or those of {@link Pretrained#DEFAULT}, which it then tells.
     *
     * @return where they lie, or the subnet that was asked for; the whole package if it is to suit
     *     an image's size
     * @throws IOException in one sentence, if they cannot be had
     */
    public Path locateOrDefault() throws IOException {
        if (weights != null) {
            Path path = locate(weights);
            return isSubnetAuto() ? path : subnet.within(path);
        }
        if (subnet.name() != null) {
            throw new IllegalArgumentException("--subnet is one of a package's; add --weights.");
        }
        Pretrained model = Pretrained.find(Pretrained.DEFAULT).orElseThrow();
        System.err.printf(
                "Without --weights this is %s, %s, which knows %s.%n",
                Pretrained.DEFAULT,
                model.name(),
                model.classes() == 1000
                        ? "ImageNet's 1,000 classes"
                        : model.classes() + " classes");
        return locate(model.name());
    }

    /**
     * Finds or fetches weights, with progress on standard error.
     *
     * @param text a path, a name or an address
     * @return where they lie
     * @throws IOException in one sentence, if they cannot be had
     */
    public static Path locate(String text) throws IOException {
        try (ConsoleProgress progress = new ConsoleProgress()) {
            return new WeightsLocator(progress).locate(text);
        }
    }

    /**
     * Finds weights without fetching any.
     *
     * @param text a path or a name
     * @return where they lie
     * @throws IOException in one sentence, if they are not here
     */
    public static Path locateHere(String text) throws IOException {
        return new WeightsLocator(DownloadListener.SILENT).locateHere(text);
    }

    /** The option {@code --subnet}, where {@code --weights} is another class's. */
    public static final class SubnetOption {

        @Option(
                names = "--subnet",
                paramLabel = "NAME",
                description =
                        "Of an elastic package, this net in place of the largest ('summary --weights"
                                + " PACKAGE' lists them).")
        private String name;

        /** Creates the option; picocli fills it in. */
        public SubnetOption() {}

        /**
         * Returns what was given.
         *
         * @return a name; null if none was
         */
        public String name() {
            return name;
        }

        /**
         * Finds the subnet, if one was given.
         *
         * @param path of weights
         * @return the subnet's, or the same path
         * @throws IOException in one sentence, if the package is missing or damaged
         * @throws IllegalArgumentException in one sentence, if it has no such subnet
         */
        public Path within(Path path) throws IOException {
            return name == null ? path : ElasticPackage.locate(path, name, "--subnet");
        }
    }

    /** The names, for completion by the shell. */
    public static final class Names implements Iterable<String> {

        /** Creates the list; picocli does. */
        public Names() {}

        @Override
        public Iterator<String> iterator() {
            return Pretrained.all().stream()
                    .flatMap(one -> Stream.concat(one.aliases().stream(), Stream.of(one.name())))
                    .iterator();
        }
    }
}
