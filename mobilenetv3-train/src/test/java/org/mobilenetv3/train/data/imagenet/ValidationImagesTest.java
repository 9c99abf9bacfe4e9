package org.mobilenetv3.train.data.imagenet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mobilenetv3.train.data.LabeledFile;

class ValidationImagesTest {

    @TempDir private Path root;

    private static Path touch(Path file) throws IOException {
        Files.createDirectories(file.getParent());
        return Files.write(file, new byte[] {1});
    }

    private static String name(int number) {
        return String.format(Locale.ROOT, "ILSVRC2012_val_%08d", number);
    }

    /** Three images in one folder; some have other endings. */
    private void flat(Path folder) throws IOException {
        touch(folder.resolve(name(1) + ".JPEG"));
        touch(folder.resolve(name(3) + ".png"));
        touch(folder.resolve(name(2) + ".jpg"));
    }

    private static List<Integer> labels(ValidationImages images) {
        return images.images().stream().map(LabeledFile::label).toList();
    }

    @Test
    void theClassesAreWordNetsIdsInTheirOrder() {
        assertThat(Synsets.ids()).hasSize(1000).isSorted().doesNotHaveDuplicates();
        assertThat(Synsets.ids()).allMatch(Synsets::isForm);
        // Places that torchvision's and Caffe's pages name: tench, tabby, volcano, toilet tissue.
        assertThat(Synsets.index("n01440764")).hasValue(0);
        assertThat(Synsets.index("n02123045")).hasValue(281);
        assertThat(Synsets.index("n09472597")).hasValue(980);
        assertThat(Synsets.index("n15075141")).hasValue(999);
        assertThat(Synsets.index("n00000000")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "val",
                "ILSVRC2012_img_val",
                "Data/CLS-LOC/val",
                "ILSVRC/Data/CLS-LOC/val"
            })
    void foldersOfSynsetsAreFoundWhereverTheyLie(String place) throws IOException {
        Path folder = root.resolve(place);
        for (int label : new int[] {980, 0, 281}) {
            touch(folder.resolve(Synsets.ids().get(label)).resolve(name(label + 1) + ".JPEG"));
        }
        touch(folder.resolve("n01440764").resolve(name(7) + ".JPEG"));
        ValidationImages images = ValidationImages.find(root, null);
        assertThat(labels(images)).containsExactly(0, 0, 281, 980);
        assertThat(images.name(1)).isEqualTo("n01440764/" + name(7) + ".JPEG");
        assertThat(images.classes()).isEqualTo(3);
    }

    @Test
    void aFolderThatIsNoSynsetIsRefusedAndSomeAreNamed() throws IOException {
        touch(root.resolve("n01440764/a.JPEG"));
        for (String name : List.of("cat", "dog", "n99999999", "yak", "zebra")) {
            touch(root.resolve(name).resolve("a.JPEG"));
        }
        assertThatThrownBy(() -> ValidationImages.find(root, null))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(
                        "holds 'cat', 'dog', 'n99999999' and 2 more, which are no synsets of ImageNet-1k");
    }

    @Test
    void foldersOfSynsetsLeaveNothingBesideThem() throws IOException {
        touch(root.resolve("n01440764/a.JPEG"));
        assertThatThrownBy(() -> ValidationImages.find(root, root.resolve("val.txt")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("leave out --labels");
        touch(root.resolve("b.JPEG"));
        assertThatThrownBy(() -> ValidationImages.find(root, null))
                .hasMessageContaining("b.JPEG' lies beside the folders of synsets");
    }

    @Test
    void aFolderWithoutEitherIsRefused() throws IOException {
        touch(root.resolve("cat/a.JPEG"));
        assertThatThrownBy(() -> ValidationImages.find(root, null))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("holds neither folders of synsets");
        assertThatThrownBy(() -> ValidationImages.find(root.resolve("none"), null))
                .hasMessageContaining("is no directory");
    }

    /** Every form that people have, with the same classes. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "ILSVRC2012_val_00000001.JPEG 65\nILSVRC2012_val_00000002.JPEG 970\nILSVRC2012_val_00000003.JPEG 230\n",
                "val/ILSVRC2012_val_00000003.JPEG\t230\r\n\r\nval/ILSVRC2012_val_00000001.JPEG\t65\r\nval/ILSVRC2012_val_00000002.JPEG\t970",
                "image,label\nILSVRC2012_val_00000001,65\nILSVRC2012_val_00000002,970\nILSVRC2012_val_00000003,230",
                "ILSVRC2012_val_00000001.JPEG n01751748\nILSVRC2012_val_00000002.JPEG n09193705\nILSVRC2012_val_00000003.JPEG n02105855\n",
                "ImageId,PredictionString\nILSVRC2012_val_00000002,n09193705 85 1 499 272 \nILSVRC2012_val_00000001,n01751748 1 2 3 4 n01751748 5 6 7 8 \nILSVRC2012_val_00000003,n02105855 131 0 499 254\n",
                "n01751748\nn09193705\nn02105855\n",
                "\uFEFFILSVRC2012_val_00000001, 65\nILSVRC2012_val_00000002, 970\nILSVRC2012_val_00000003, 230\n"
            })
    void aListOfLabelsMayHaveAnyFormThatPeopleHave(String text) throws IOException {
        flat(root);
        Path list = Files.writeString(root.resolve("mine.csv"), text);
        assertThat(labels(ValidationImages.find(root, list))).containsExactly(65, 970, 230);
    }

    @ParameterizedTest
    @ValueSource(strings = {"val/val.txt", "val.txt", "LOC_val_solution.csv"})
    void aListIsFoundInTheFolderOfTheImagesOrAboveIt(String place) throws IOException {
        flat(root.resolve("val"));
        Path list = root.resolve(place);
        Files.writeString(list, name(1) + " 1\n" + name(2) + " 2\n" + name(3) + " 3\n");
        assertThat(labels(ValidationImages.find(root, null))).containsExactly(1, 2, 3);
        assertThat(labels(ValidationImages.find(root.resolve("val"), null)))
                .containsExactly(1, 2, 3);
        Files.copy(list, root.resolve("val.csv"));
        assertThatThrownBy(() -> ValidationImages.find(root, null))
                .hasMessageContaining("may both be the labels; say which with --labels FILE");
    }

    @Test
    void withoutAListTheSentenceSaysWhatIsWanted() throws IOException {
        flat(root);
        assertThatThrownBy(() -> ValidationImages.find(root, null))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("val.txt, val.csv, LOC_val_solution.csv")
                .hasMessageContaining("--labels FILE");
    }

    @Test
    void theDevelopmentKitsNumbersAreNotGuessedAt() throws IOException {
        flat(root);
        Path list = root.resolve("ILSVRC2012_validation_ground_truth.txt");
        Files.writeString(list, "490\n361\n171\n");
        assertThatThrownBy(() -> ValidationImages.find(root, null))
                .hasMessageContaining("the development kit's own order");
        assertThatThrownBy(() -> ValidationImages.find(root, list))
                .hasMessageContaining("the development kit's own order");
        Files.writeString(root.resolve("val.txt"), "n01751748\nn09193705\nn02105855\n");
        assertThat(labels(ValidationImages.find(root, null))).containsExactly(65, 970, 230);
    }

    private void refuses(String list, String message) throws IOException {
        Path file = Files.writeString(root.resolve("list"), list);
        assertThatThrownBy(() -> ValidationImages.find(root, file))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(message);
    }

    @Test
    void eachImageHasOneLabelAndEachLabelAnImage() throws IOException {
        flat(root);
        String two = name(1) + " 1\n" + name(2) + " 2\n";
        refuses(two, name(3) + ".png' has no label of its own");
        refuses(two + name(3) + " 3\n" + name(2) + ".JPEG 2\n", "twice, again in line 4");
        refuses(
                two + name(3) + " 3\n" + name(4) + " 4\n" + name(5) + " 4\n",
                "lists the image '" + name(4) + "' and 1 more, which");
        refuses(two + name(3) + " 1000\n", "Line 3 of '");
        refuses(two + name(3) + " n99999999\n", "ImageNet's 1000 WNIDs");
        refuses(two + name(3) + "\n", "Line 3 of '");
        refuses(name(1) + " -1\n" + two, "Line 1 of '");
    }

    @Test
    void theChecksumSaysWhichImagesWithWhichLabels() throws IOException {
        flat(root);
        String list = name(1) + " 1\n" + name(2) + " 2\n" + name(3) + " 3\n";
        Path file = Files.writeString(root.resolve("list"), list);
        String sum = ValidationImages.find(root, file).checksum();
        assertThat(ValidationImages.find(root, file).checksum()).isEqualTo(sum);
        Files.writeString(file, list.replace(" 2", " 4"));
        assertThat(ValidationImages.find(root, file).checksum()).isNotEqualTo(sum);
        Files.writeString(file, list);
        Files.write(root.resolve(name(3) + ".png"), new byte[] {1, 2});
        assertThat(ValidationImages.find(root, file).checksum()).isNotEqualTo(sum);
    }
}
