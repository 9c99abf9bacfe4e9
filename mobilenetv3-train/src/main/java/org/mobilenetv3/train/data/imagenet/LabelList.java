package org.mobilenetv3.train.data.imagenet;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import org.mobilenetv3.image.ImageFiles;
import org.mobilenetv3.io.FileNames;
import org.mobilenetv3.io.TextFile;
import org.mobilenetv3.train.data.LabeledFile;

/**
 * A text file that lists the classes of validation images. A line is {@code NAME INDEX} (Caffe's
 * {@code val.txt}) or {@code NAME WNID}, parted by spaces, tabs or commas; what follows, such as
 * the boxes of Kaggle's {@code LOC_val_solution.csv}, is not read, nor is a first line of column
 * names. A name may have folders before it and need not have an ending. Lines of a WNID alone are
 * of the images 1, 2 and so on (TensorFlow's {@code imagenet_2012_validation_synset_labels.txt}).
 *
 * @param file where it was read from
 * @param labels class index by the image's name without folders and ending
 */
record LabelList(Path file, Map<String, Integer> labels) {

    private static final String DEVELOPMENT_KIT = "ILSVRC2012_validation_ground_truth.txt";

    /** What the lists are called that people have. */
    private static final List<String> NAMES =
            List.of(
                    "val.txt",
                    "val.csv",
                    "LOC_val_solution.csv",
                    "imagenet_2012_validation_synset_labels.txt",
                    DEVELOPMENT_KIT);

    /**
     * Finds the list among other files.
     *
     * @param folders where to look
     * @return the list
     * @throws IOException in one sentence, if there is none or more than one
     */
    static Path find(List<Path> folders) throws IOException {
        List<Path> found =
                folders.stream()
                        .distinct()
                        .flatMap(folder -> NAMES.stream().map(folder::resolve))
                        .filter(Files::isRegularFile)
                        .toList();
        List<Path> usable = found.stream().filter(f -> !f.endsWith(DEVELOPMENT_KIT)).toList();
        if (usable.size() > 1) {
            throw new IOException(
                    "'%s' and '%s' may both be the labels; say which with --labels FILE."
                            .formatted(usable.get(0), usable.get(1)));
        }
        if (!usable.isEmpty()) {
            return usable.get(0);
        }
        if (!found.isEmpty()) {
            throw ofDevelopmentKit(found.get(0));
        }
        throw new IOException(
                "The images in '%s' lie in no folders of synsets (n01440764 ...) and no labels (%s) lie beside them; give a list with --labels FILE."
                        .formatted(folders.get(0), String.join(", ", NAMES.subList(0, 4))));
    }

    private static IOException ofDevelopmentKit(Path file) {
        return new IOException(
                "'%s' numbers the classes in the development kit's own order, which it does not explain; give a list of 'NAME INDEX' or 'NAME WNID' with --labels FILE."
                        .formatted(file));
    }

    /**
     * Reads a list.
     *
     * @param file of one of the forms
     * @return the list
     * @throws IOException in one sentence, if it is of no such form or lists an image twice
     */
    static LabelList read(Path file) throws IOException {
        List<String> lines;
        try {
            lines = TextFile.read(file).lines().map(String::strip).toList();
        } catch (CharacterCodingException e) {
            throw new IOException("The list of labels '" + file + "' is not UTF-8 text.", e);
        }
        Map<String, Integer> labels = new HashMap<>();
        for (int i = 0; i < lines.size(); i++) {
            String[] words = lines.get(i).split("[,\\s]+");
            if (words[0].isEmpty() || (i == 0 && isHeader(words))) {
                continue;
            }
            if (words.length == 1 && words[0].matches("\\d+")) {
                throw ofDevelopmentKit(file);
            }
            boolean alone = words.length == 1 && Synsets.isForm(words[0]);
            String name =
                    alone
                            ? String.format(Locale.ROOT, "ILSVRC2012_val_%08d", i + 1)
                            : stem(words[0]);
            OptionalInt label = label(words[words.length == 1 ? 0 : 1]);
            if (label.isEmpty()) {
                throw new IOException(
                        String.format(
                                Locale.ROOT,
                                "Line %d of '%s' is '%s'; expected the name of an image and its class, 0 to 999 or one of ImageNet's 1000 WNIDs.",
                                i + 1,
                                file,
                                lines.get(i)));
            }
            if (labels.put(name, label.getAsInt()) != null) {
                throw new IOException(
                        String.format(
                                Locale.ROOT,
                                "'%s' lists the image '%s' twice, again in line %d; keep one of the lines.",
                                file,
                                name,
                                i + 1));
            }
        }
        return new LabelList(file, labels);
    }

    /** Names of columns: a second word that would not be a class in any order of classes. */
    private static boolean isHeader(String... words) {
        return words.length > 1 && !Synsets.isForm(words[1]) && !words[1].matches("-?[\\d.]+");
    }

    private static OptionalInt label(String word) {
        return word.matches("\\d{1,3}")
                ? OptionalInt.of(Integer.parseInt(word))
                : Synsets.index(word);
    }

    /** The name without folders and ending. */
    private static String stem(String path) {
        String name = path.substring(1 + Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')));
        String extension = FileNames.extension(Path.of(name));
        return ImageFiles.EXTENSIONS.contains(extension)
                ? name.substring(0, name.length() - extension.length() - 1)
                : name;
    }

    /**
     * Gives each image its label.
     *
     * @param images in one folder
     * @return the images in their order
     * @throws IOException in one sentence, if an image is not listed, or a listed one not there
     */
    List<LabeledFile> label(List<Path> images) throws IOException {
        Map<String, Integer> left = new HashMap<>(labels);
        List<LabeledFile> labeled = new ArrayList<>();
        for (Path image : images) {
            Integer label = left.remove(stem(image.getFileName().toString()));
            if (label == null) {
                throw new IOException(
                        "The image '%s' has no label of its own in '%s'; add a line or remove the image."
                                .formatted(image, file));
            }
            labeled.add(new LabeledFile(image, label));
        }
        if (!left.isEmpty()) {
            String first = left.keySet().stream().min(String::compareTo).get();
            throw new IOException(
                    String.format(
                            Locale.ROOT,
                            "'%s' lists the image '%s'%s, which '%s' does not hold; a figure for a part needs a list of that part.",
                            file,
                            first,
                            left.size() > 1
                                    ? String.format(Locale.ROOT, " and %,d more", left.size() - 1)
                                    : "",
                            images.get(0).getParent()));
        }
        return labeled;
    }
}
