package org.mobilenetv3.train.data.folder;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.mobilenetv3.io.DataPart;
import org.mobilenetv3.train.data.ImageSet;
import org.mobilenetv3.train.data.Splits;
import org.mobilenetv3.train.data.folder.TestRequest.Choice;

/** The images of a folder that a trained net is scored on; says which they are and why. */
final class TestImages {
    private final TestRequest request;
    private final FolderParts parts;
    private final KnownClasses classes;
    private final FolderReader reader;

    TestImages(Path root, TestRequest request) throws IOException {
        this.request = request;
        parts = FolderParts.forTesting(root);
        classes = KnownClasses.ofNet(request.classes());
        reader = new FolderReader(request.fit(), request.channels(), request.listener());
    }

    ImageSet read() throws IOException {
        return switch (request.choice()) {
            case UNSEEN -> unseen();
            case ALL -> together(reader.read(parts.roots(), classes));
            case TRAIN, VALIDATION, TEST -> part(request.choice());
        };
    }

    private ImageSet part(Choice choice) throws IOException {
        Path own = parts.folder(choice.part());
        boolean whole =
                choice != Choice.TRAIN || (parts.validation() != null && parts.test() != null);
        if (own != null && whole) {
            return only(own);
        }
        if (parts.train() == null) {
            throw new IOException(
                    "'%s' has no images for %s and no train to take them from; leave out --split."
                            .formatted(parts.root(), name(choice.part())));
        }
        Splits splits = splits();
        ImageSet set =
                switch (choice) {
                    case TRAIN -> splits.train();
                    case VALIDATION -> splits.validation();
                    default -> splits.test();
                };
        tell(
                String.format(
                        Locale.ROOT,
                        "takes the images for %s out of train, as training does: %,d are scored.",
                        name(choice.part()),
                        set.size()));
        return set;
    }

    private ImageSet unseen() throws IOException {
        if (parts.test() != null) {
            return only(parts.test());
        }
        if (parts.train() == null) {
            return standsIn(only(parts.validation()));
        }
        if (parts.isSplit() && parts.validation() == null) {
            return part(Choice.TEST);
        }
        List<ImageSet> sets =
                reader.read(Arrays.asList(parts.train(), parts.validation()), classes);
        ImageSet train = sets.get(0);
        Splits splits = heldBack(train, sets.get(1));
        if (splits != null && request.learned().test(splits.train())) {
            tell(
                    String.format(
                            Locale.ROOT,
                            "is what the net was trained on: the %,d of %,d images that training held back for test are scored.",
                            splits.test().size(),
                            train.size()));
            return splits.test();
        }
        if (sets.get(1) != null) {
            return standsIn(sets.get(1));
        }
        tell(String.format(Locale.ROOT, "has no parts: all %,d images are scored.", train.size()));
        return train;
    }

    private ImageSet standsIn(ImageSet validation) {
        tell(
                String.format(
                        Locale.ROOT,
                        "has no test: the %,d images of '%s' are scored.",
                        validation.size(),
                        parts.validation().getFileName()));
        return validation;
    }

    /** What training would have made of the images; null if they are too few. */
    private Splits heldBack(ImageSet train, ImageSet validation) {
        try {
            return Splits.completed(train, validation, null, request.seed());
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    private Splits splits() throws IOException {
        List<ImageSet> sets =
                reader.read(
                        Arrays.asList(parts.train(), parts.validation(), parts.test()), classes);
        return Splits.completed(sets.get(0), sets.get(1), sets.get(2), request.seed());
    }

    private ImageSet only(Path folder) throws IOException {
        return reader.read(List.of(folder), classes).get(0);
    }

    private static ImageSet together(List<ImageSet> sets) {
        ImageSet first = sets.get(0);
        return new ImageSet(
                first.name(),
                first.classes(),
                first.channels(),
                first.height(),
                first.width(),
                sets.stream().flatMap(s -> Arrays.stream(s.images())).toArray(byte[][]::new),
                sets.stream().flatMapToInt(s -> Arrays.stream(s.labels())).toArray());
    }

    private void tell(String what) {
        request.listener().message("'%s' %s".formatted(parts.root(), what));
    }

    private static String name(DataPart part) {
        return part.name().toLowerCase(Locale.ROOT);
    }
}
