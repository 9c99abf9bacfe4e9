package org.mobilenetv3.train.data.folder;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.mobilenetv3.image.Interpolation;
import org.mobilenetv3.image.Pixels;
import org.mobilenetv3.preprocessing.Fit;
import org.mobilenetv3.train.data.DataListener;
import org.mobilenetv3.train.data.ImageSet;
import org.mobilenetv3.train.data.Sentences;
import org.mobilenetv3.train.data.Splits;

class ImageFolderTest {
    @TempDir Path root;

    private static Path image(Path file, int height, int width, boolean gray) throws IOException {
        int type = gray ? BufferedImage.TYPE_BYTE_GRAY : BufferedImage.TYPE_3BYTE_BGR;
        BufferedImage image = new BufferedImage(width, height, type);
        int seed = file.getFileName().toString().hashCode();
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                for (int c = 0; c < (gray ? 1 : 3); c++) {
                    image.getRaster().setSample(x, y, c, (seed + 31 * x + 17 * y + 99 * c) & 0xFF);
                }
            }
        }
        Files.createDirectories(file.getParent());
        String extension = file.toString().substring(file.toString().lastIndexOf('.') + 1);
        assertThat(ImageIO.write(image, extension.toLowerCase(Locale.ROOT), file.toFile()))
                .isTrue();
        return file;
    }

    private void fill(Path folder, int count, boolean gray) throws IOException {
        for (int i = 0; i < count; i++) {
            image(folder.resolve("i" + i + ".png"), 8, 8, gray);
        }
    }

    private Splits read(Fit fit) throws IOException {
        return read(fit, null);
    }

    private final List<String> messages = new CopyOnWriteArrayList<>();

    private Splits read(Fit fit, Integer channels) throws IOException {
        return ImageFolder.read(root, fit, channels, 0, messages::add);
    }

    @Test
    void classFoldersInSortedOrderGiveThreePartsKeptApart() throws IOException {
        fill(root.resolve("zebra"), 20, true);
        fill(root.resolve("ant"), 20, true);
        Splits splits = read(null);
        assertThat(splits.train().classes()).containsExactly("ant", "zebra");
        assertThat(splits.train()).hasToString("folder: 32 images (1, 8, 8) in 2 classes");
        assertThat(splits.validation().size()).isEqualTo(4);
        assertThat(splits.test().labels()).containsExactly(0, 0, 1, 1);
        assertThat(ImageFolder.isAt(root)).isTrue();
    }

    @Test
    void foldersForTrainValidAndTestAreUsedAsTheyAre() throws IOException {
        for (String part : List.of("train", "valid", "test")) {
            fill(root.resolve(part).resolve("a"), part.length(), false);
            fill(root.resolve(part).resolve("b"), 2, false);
        }
        Splits splits = read(null);
        assertThat(splits.train().size()).isEqualTo(7);
        assertThat(splits.validation().size()).isEqualTo(7);
        assertThat(splits.test().size()).isEqualTo(6);
        assertThat(ImageFolder.isAt(root)).isTrue();
    }

    @Test
    void aMissingPartIsCarvedOutOfTrain() throws IOException {
        fill(root.resolve("train/a"), 20, true);
        fill(root.resolve("train/b"), 20, true);
        fill(root.resolve("val/a"), 3, true);
        Splits noTest = read(null);
        assertThat(noTest.test().size()).isEqualTo(4);
        assertThat(noTest.validation().size()).isEqualTo(3);
        Files.move(root.resolve("val"), root.resolve("test"));
        Splits noValidation = read(null);
        assertThat(noValidation.test().size()).isEqualTo(3);
        assertThat(noValidation.validation().size()).isEqualTo(4);
    }

    @Test
    void oneColorImageMakesTheSetColorAndGrayIsRepeated() throws IOException {
        fill(root.resolve("train/a"), 3, true);
        fill(root.resolve("train/b"), 3, true);
        fill(root.resolve("test/a"), 1, false);
        Splits splits = read(null);
        assertThat(splits.train().channels()).isEqualTo(3);
        byte[] gray = splits.train().images()[0];
        assertThat(Arrays.copyOf(gray, 64)).isEqualTo(Arrays.copyOfRange(gray, 128, 192));
    }

    @Test
    void smallInputsAreResizedToFillTheSquareAndTheRightSizeIsUntouched() throws IOException {
        Path small = image(root.resolve("a/0.png"), 14, 14, false);
        Path large = image(root.resolve("a/1.bmp"), 40, 60, false);
        image(root.resolve("a/2.GIF"), 20, 14, false);
        fill(root.resolve("b"), 3, false);
        Splits splits = read(Fit.CenterCrop.photograph(14));
        List<byte[]> all =
                List.of(splits.train(), splits.validation(), splits.test()).stream()
                        .flatMap(set -> Arrays.stream(set.images()))
                        .toList();
        byte[] resized = Pixels.read(large).resizeShorterSide(14).centerCrop(14).data();
        assertThat(all).hasSize(6).contains(Pixels.read(small).data()).contains(resized);
    }

    @Test
    void largeInputsHaveTheCustomaryMargin() throws IOException {
        Path photo = image(root.resolve("a/0.png"), 130, 150, false);
        image(root.resolve("a/1.png"), 130, 150, false);
        image(root.resolve("a/2.png"), 130, 150, false);
        fill(root.resolve("b"), 3, false);
        Splits splits = read(Fit.CenterCrop.photograph(112));
        byte[] expected = Pixels.read(photo).resizeShorterSide(128).centerCrop(112).data();
        assertThat(
                        List.of(splits.train(), splits.validation(), splits.test()).stream()
                                .flatMap(set -> Arrays.stream(set.images())))
                .contains(expected);
    }

    @Test
    void photographsAreResizedWithTheInterpolationOfTheFit() throws IOException {
        Path photo = image(root.resolve("a/0.png"), 130, 150, false);
        image(root.resolve("a/1.png"), 130, 150, false);
        image(root.resolve("a/2.png"), 130, 150, false);
        fill(root.resolve("b"), 3, false);
        Splits splits = read(new Fit.CenterCrop(64, 80, Interpolation.BICUBIC));
        byte[] expected = Pixels.read(photo).resizeAndCrop(80, 64, Interpolation.BICUBIC).data();
        byte[] bilinear = Pixels.read(photo).resizeAndCrop(80, 64, Interpolation.BILINEAR).data();
        assertThat(
                        List.of(splits.train(), splits.validation(), splits.test()).stream()
                                .flatMap(set -> Arrays.stream(set.images())))
                .contains(expected)
                .doesNotContain(bilinear);
    }

    @Test
    void imagesOfAnyProportionArePaddedToOneSize() throws IOException {
        Path line = image(root.resolve("a/0.png"), 20, 70, false);
        image(root.resolve("a/1.png"), 40, 9, false);
        image(root.resolve("a/2.png"), 10, 90, false);
        fill(root.resolve("b"), 3, false);
        Fit fit = new Fit.PadRight(16, 64);
        ImageSet train = read(fit).train();
        assertThat(train).hasToString("folder: %d images (3, 16, 64) in 2 classes", train.size());
        assertThat(
                        List.of(read(fit).train(), read(fit).validation(), read(fit).test())
                                .stream()
                                .flatMap(set -> Arrays.stream(set.images())))
                .contains(fit.apply(Pixels.read(line)).data());
    }

    @Test
    void differentSizesWithoutAnInputSizeAreTold() throws IOException {
        fill(root.resolve("a"), 3, true);
        image(root.resolve("b/odd.png"), 8, 9, true);
        assertThat(Sentences.of(() -> read(null))).contains("odd.png", "8 x 9", "--input-size");
    }

    @Test
    void noClassOneClassAndAnEmptyClassAreNamed() throws IOException {
        assertThat(Sentences.of(() -> read(null))).contains(root.toString(), "no class folder");
        fill(root.resolve("lonely"), 3, true);
        assertThat(Sentences.of(() -> read(null))).contains(root.toString(), "lonely");
        Path empty = Files.createDirectories(root.resolve("empty"));
        Files.writeString(empty.resolve("notes.txt"), "no image");
        assertThat(Sentences.of(() -> read(null))).contains(empty.toString(), "no image");
        Path nowhere = root.resolve("nowhere");
        assertThat(
                        Sentences.of(
                                () ->
                                        ImageFolder.read(
                                                nowhere, null, null, 0, DataListener.SILENT)))
                .contains(nowhere.toString(), "no directory");
    }

    private static void cut(Path file) throws IOException {
        byte[] whole = Files.readAllBytes(file);
        Files.write(file, Arrays.copyOf(whole, whole.length / 2));
    }

    @Test
    void brokenFilesAreLeftOutAndTheFirstAreNamed() throws IOException {
        fill(root.resolve("a"), 12, true);
        fill(root.resolve("b"), 12, true);
        Path text = Files.writeString(root.resolve("a/0.png"), "only words"); // the very first
        Path empty = Files.createFile(root.resolve("b/z.jpg"));
        for (int i = 0; i < 5; i++) {
            cut(root.resolve("b/i" + i + ".png"));
        }
        Splits splits = read(null);
        assertThat(splits.train().size() + splits.validation().size() + splits.test().size())
                .isEqualTo(19);
        assertThat(messages.get(0)).isEqualTo("7 of 26 images cannot be read and are left out:");
        assertThat(messages.get(1)).contains(text.toString(), "not an image");
        assertThat(messages.get(2)).contains("i0.png", "damaged, truncated");
        assertThat(messages).hasSize(7).last().isEqualTo("  ... and 2 more.");
        Files.delete(empty);
    }

    @Test
    void aClassOfBrokenFilesAndAFolderThatIsMostlyBrokenAreErrors() throws IOException {
        fill(root.resolve("a"), 9, true);
        fill(root.resolve("b"), 2, true);
        cut(root.resolve("b/i0.png"));
        cut(root.resolve("b/i1.png"));
        assertThat(Sentences.of(() -> read(Fit.CenterCrop.photograph(8))))
                .contains("No image of the class folder", root.resolve("b").toString());
        fill(root.resolve("b"), 9, true);
        for (int i = 0; i < 5; i++) {
            cut(root.resolve("a/i" + i + ".png"));
            cut(root.resolve("b/i" + i + ".png"));
        }
        assertThat(Assertions.catchThrowable(() -> read(Fit.CenterCrop.photograph(8))))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(
                        "10 of 18 images cannot be read, more than half (the first: ");
    }

    @Test
    void imagesAreBroughtToTheChannelsThatAreAskedForBeforeTheyAreResized() throws IOException {
        Path photo = image(root.resolve("a/0.png"), 40, 60, false);
        image(root.resolve("a/1.png"), 40, 60, false);
        fill(root.resolve("b"), 3, true);
        Splits gray = read(Fit.CenterCrop.photograph(16), 1);
        byte[] expected =
                Pixels.read(photo).toChannels(1).resizeShorterSide(16).centerCrop(16).data();
        assertThat(gray.train().channels()).isEqualTo(1);
        assertThat(
                        Stream.of(gray.train(), gray.validation(), gray.test())
                                .flatMap(set -> Arrays.stream(set.images())))
                .contains(expected);
        assertThat(read(Fit.CenterCrop.photograph(16), 3).train().channels()).isEqualTo(3);
    }

    @Test
    @EnabledIfSystemProperty(named = "sun.jnu.encoding", matches = "UTF-8")
    void foldersWithinAClassBelongToItWhateverTheirNamesAndNoLoopIsWalked() throws IOException {
        fill(root.resolve("grüne Äpfel/ernte 2024/woche 1"), 3, true);
        fill(root.resolve("rot"), 3, true);
        fill(root.resolve("rot/.thumbnails"), 2, true);
        image(root.resolve("rot/._i0.png"), 8, 8, true);
        Path loop = root.resolve("rot/loop");
        try {
            Files.createSymbolicLink(loop, root.resolve("rot"));
            Files.createSymbolicLink(root.resolve("verlinkt"), root.resolve("rot"));
        } catch (IOException | UnsupportedOperationException e) {
            Assumptions.abort("no links here");
        }
        Splits splits = read(Fit.CenterCrop.photograph(8));
        assertThat(splits.train().classes()).containsExactly("grüne Äpfel", "rot", "verlinkt");
        assertThat(splits.train().size() + splits.validation().size() + splits.test().size())
                .isEqualTo(9);
    }

    @Test
    void imagesOfKindsThatJavaCannotReadAreCounted() throws IOException {
        fill(root.resolve("a"), 3, true);
        fill(root.resolve("b"), 3, true);
        Files.writeString(root.resolve("a/new.webp"), "x");
        Files.writeString(root.resolve("b/phone.HEIC"), "x");
        read(null);
        assertThat(messages)
                .containsExactly(
                        "2 images of kinds that Java cannot read are left out {heic=1, webp=1};"
                                + " convert them to PNG or JPEG.");
    }

    @Test
    void everyFileThatIsLeftOutIsCountedByItsEnding() throws IOException {
        fill(root.resolve("a"), 3, true);
        fill(root.resolve("b"), 3, true);
        Files.writeString(root.resolve("a/labels.csv"), "x");
        Files.writeString(root.resolve("a/photo.TGA"), "x");
        Files.writeString(root.resolve("b/photo.tga"), "x");
        Files.writeString(root.resolve("b/LICENSE"), "x");
        Files.writeString(root.resolve("b/Thumbs.db"), "x");
        image(root.resolve("forgotten.png"), 8, 8, true);
        read(null);
        assertThat(messages)
                .containsExactly(
                        "4 files are left out, for their names are not those of images {csv=1, no"
                                + " ending=1, tga=2}; if they are images, rename them.",
                        "1 images lie beside the class folders and are left out {png=1}.");
    }

    @Test
    void jpegsOfOtherEndingsAndOfNoneAreReadByTheirContent() throws IOException {
        Path jpeg = image(root.resolve("a/0.jpg"), 8, 8, true);
        for (String name : List.of("1.jfif", "2.JPE", "noending", "fetched.webp")) {
            Files.copy(jpeg, root.resolve("a").resolve(name));
        }
        fill(root.resolve("b"), 3, true);
        Splits splits = read(null);
        assertThat(splits.train().size() + splits.validation().size() + splits.test().size())
                .isEqualTo(8);
        assertThat(messages).isEmpty();
    }

    @Test
    void foldersOfSystemsAreNeitherClassesNorImages() throws IOException {
        fill(root.resolve("a"), 3, true);
        fill(root.resolve("b"), 3, true);
        image(root.resolve("b/@eaDir/0.png/SYNOPHOTO_THUMB_M.jpg"), 8, 8, true);
        fill(root.resolve("__MACOSX/a"), 2, true);
        Files.createDirectories(root.resolve("lost+found"));
        Splits splits = read(null);
        assertThat(splits.train().classes()).containsExactly("a", "b");
        assertThat(splits.train().size() + splits.validation().size() + splits.test().size())
                .isEqualTo(6);
        assertThat(messages).isEmpty();
    }

    @Test
    void aPictureOfAnotherKindUnderAJpegsNameIsNamedForWhatItIs() throws IOException {
        fill(root.resolve("a"), 3, true);
        fill(root.resolve("b"), 3, true);
        Files.writeString(root.resolve("b/x.jpg"), "RIFF\0\0\0\0WEBPVP8 ");
        Files.writeString(root.resolve("b/y.jpg"), "<!DOCTYPE html><title>404</title>");
        read(null);
        assertThat(messages).hasSize(3);
        assertThat(messages.get(1)).contains("x.jpg", "it is a WebP");
        assertThat(messages.get(2)).contains("y.jpg", "it is a web page");
    }

    @Test
    void aFileThatMayNotBeReadIsLeftOutWithTheReason() throws IOException {
        fill(root.resolve("a"), 3, true);
        fill(root.resolve("b"), 3, true);
        Path secret = root.resolve("b/i0.png");
        Assumptions.assumeTrue(secret.toFile().setReadable(false) && !Files.isReadable(secret));
        read(null);
        assertThat(messages.get(1))
                .contains(secret + " cannot be read or written: permission denied");
    }

    @Test
    void aTestClassThatIsNotTrainedIsNamed() throws IOException {
        fill(root.resolve("train/a"), 3, true);
        fill(root.resolve("train/b"), 3, true);
        fill(root.resolve("test/stranger"), 1, true);
        assertThat(Sentences.of(() -> read(null))).contains("stranger", "no class");
    }

    @Test
    void otherFilesAndHiddenFoldersAreIgnored() throws IOException {
        fill(root.resolve("a"), 3, true);
        fill(root.resolve("b"), 3, true);
        Files.writeString(root.resolve("a/Thumbs.db"), "x");
        Files.writeString(root.resolve("README.txt"), "x");
        Files.createDirectories(root.resolve(".cache"));
        assertThat(read(null).train().classes()).containsExactly("a", "b");
    }
}
