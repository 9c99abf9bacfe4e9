package org.mobilenetv3.train.data.source;

import java.util.List;

/** The two CIFAR data sets: where they come from and how their binary files are laid out. */
@SuppressWarnings("ImmutableEnumChecker") // every list is List.of's
enum CifarKind {
    /** 10 classes; one label byte before each image. */
    CIFAR10(
            "cifar10",
            "CIFAR-10",
            "cifar-10-binary.tar.gz",
            "c32a1d4ab5d03f1284b67883e8d87530",
            "cifar-10-batches-bin",
            1,
            "batches.meta.txt",
            List.of(
                    "data_batch_1.bin",
                    "data_batch_2.bin",
                    "data_batch_3.bin",
                    "data_batch_4.bin",
                    "data_batch_5.bin"),
            "test_batch.bin",
            List.of(
                    "airplane",
                    "automobile",
                    "bird",
                    "cat",
                    "deer",
                    "dog",
                    "frog",
                    "horse",
                    "ship",
                    "truck")),
    /** 100 classes; a coarse and a fine label byte before each image, of which the fine is used. */
    CIFAR100(
            "cifar100",
            "CIFAR-100",
            "cifar-100-binary.tar.gz",
            "03b5dce01913d631647c71ecec9e9cb8",
            "cifar-100-binary",
            2,
            "fine_label_names.txt",
            List.of("train.bin"),
            "test.bin",
            Names.CIFAR100);

    private final String id;
    private final String title;
    private final String archive;
    private final String md5;
    private final String folder;
    private final int labelBytes;
    private final String namesFile;
    private final List<String> trainFiles;
    private final String testFile;
    private final List<String> classes;

    CifarKind(
            String id,
            String title,
            String archive,
            String md5,
            String folder,
            int labelBytes,
            String namesFile,
            List<String> trainFiles,
            String testFile,
            List<String> classes) {
        this.id = id;
        this.title = title;
        this.archive = archive;
        this.md5 = md5;
        this.folder = folder;
        this.labelBytes = labelBytes;
        this.namesFile = namesFile;
        this.trainFiles = trainFiles;
        this.testFile = testFile;
        this.classes = classes;
    }

    /** The name on the command line, e.g. {@code cifar10}. */
    String id() {
        return id;
    }

    /** The name in sentences, e.g. CIFAR-10. */
    String title() {
        return title;
    }

    /** The file name of the binary version's archive on the authors' page. */
    String archive() {
        return archive;
    }

    /** The archive's MD5 as the authors publish it, in hexadecimal. */
    String md5() {
        return md5;
    }

    /** The folder inside the archive. */
    String folder() {
        return folder;
    }

    /** How many bytes precede each image; the last is the label. */
    int labelBytes() {
        return labelBytes;
    }

    /** The file that lists the class names. */
    String namesFile() {
        return namesFile;
    }

    /** The training batches in order. */
    List<String> trainFiles() {
        return trainFiles;
    }

    /** The test batch. */
    String testFile() {
        return testFile;
    }

    /** The standard class names in label order. */
    List<String> classes() {
        return classes;
    }

    /** Enum constants may not refer to a static field of their own class. */
    private static final class Names {
        static final List<String> CIFAR100 =
                List.of(
                        """
            apple aquarium_fish baby bear beaver bed bee beetle bicycle bottle bowl boy
            bridge bus butterfly camel can castle caterpillar cattle chair chimpanzee
            clock cloud cockroach couch crab crocodile cup dinosaur dolphin elephant
            flatfish forest fox girl hamster house kangaroo keyboard lamp lawn_mower
            leopard lion lizard lobster man maple_tree motorcycle mountain mouse mushroom
            oak_tree orange orchid otter palm_tree pear pickup_truck pine_tree plain plate
            poppy porcupine possum rabbit raccoon ray road rocket rose sea seal shark
            shrew skunk skyscraper snail snake spider squirrel streetcar sunflower
            sweet_pepper table tank telephone television tiger tractor train trout tulip
            turtle wardrobe whale willow_tree wolf woman worm
            """
                                .strip()
                                .split("\\s+"));

        private Names() {}
    }
}
