package org.mobilenetv3.train.data.annotation;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.mobilenetv3.detection.Box;
import org.mobilenetv3.image.DecodingMemory;
import org.mobilenetv3.image.ImageHeader;
import org.mobilenetv3.image.metadata.Orientation;
import org.mobilenetv3.io.FileErrors;
import org.mobilenetv3.io.FileNames;
import org.mobilenetv3.segmentation.Mask;
import org.mobilenetv3.train.data.DataListener;
import org.mobilenetv3.train.data.annotation.format.AnnotatedImage;
import org.mobilenetv3.train.data.annotation.format.AnnotatedObject;
import org.mobilenetv3.train.data.annotation.format.Flaw;
import org.mobilenetv3.train.data.annotation.format.Flaws;
import org.mobilenetv3.train.data.annotation.format.MaskFile;
import org.mobilenetv3.train.data.scene.LabeledBox;

/** Compares annotations with their images, on all processors; what does not fit is counted. */
final class Checker {
    private static final int VALUES = 256;

    /** In pixels; farther beyond the edge a box is not only rounded. */
    private static final double ROUNDING = 1;

    private final boolean masks;
    private final Map<String, Integer> labels = new HashMap<>();
    private final DecodingMemory memory;
    private final Flaws flaws;
    private final DataListener listener;
    private final int total;
    private final AtomicInteger done = new AtomicInteger();

    /**
     * Prepares.
     *
     * @param masks whether pixels are wanted, otherwise boxes
     * @param classes of objects; with the background as the first, if pixels are wanted
     * @param total images in all parts
     */
    Checker(
            boolean masks,
            List<String> classes,
            int total,
            DecodingMemory memory,
            Flaws flaws,
            DataListener listener) {
        this.masks = masks;
        for (int i = masks ? 1 : 0; i < classes.size(); i++) {
            labels.put(FileNames.composed(classes.get(i)), i);
        }
        this.total = total;
        this.memory = memory;
        this.flaws = flaws;
        this.listener = listener;
    }

    /** The images that can be read and whose annotations fit them, in their order. */
    List<CheckedImage> check(List<AnnotatedImage> images) {
        return IntStream.range(0, images.size())
                .parallel()
                .mapToObj(i -> counted(images.get(i)))
                .filter(Objects::nonNull)
                .toList();
    }

    /**
     * Refuses a set that is mostly broken.
     *
     * @throws IOException in one sentence, if more than half of the images or masks were left out
     */
    void finish() throws IOException {
        for (Flaw flaw : List.of(Flaw.IMAGE_BROKEN, Flaw.MASK_BROKEN, Flaw.FILE_BROKEN)) {
            if (2 * flaws.count(flaw) > total) {
                throw new IOException(
                        String.format(
                                Locale.ROOT,
                                "More than half of %,d images cannot be used: %s",
                                total,
                                flaw.sentence(flaws.count(flaw), flaws.first(flaw))));
            }
        }
    }

    private CheckedImage counted(AnnotatedImage image) {
        CheckedImage checked = null;
        try {
            checked = check(image);
        } catch (OutOfMemoryError e) { // of one large array; others go on
            flaws.add(Flaw.IMAGE_BROKEN, "'" + image.file() + "' is too large for Java's memory");
        }
        int count = done.incrementAndGet();
        if (count % 64 == 0 || count == total) {
            synchronized (listener) {
                listener.decoded("checking images", count, total);
            }
        }
        return checked;
    }

    private CheckedImage check(AnnotatedImage image) {
        ImageHeader header;
        try (DecodingMemory.Share share = memory.share()) {
            header = ImageHeader.read(image.file(), share);
        } catch (IOException e) {
            flaws.add(Flaw.IMAGE_BROKEN, String.valueOf(FileErrors.sentence(e)));
            return null;
        }
        if (image.mask() != null) {
            return checkMask(image, header);
        }
        List<AnnotatedObject> objects;
        try {
            objects = image.objects().in(header.uprightHeight(), header.uprightWidth());
        } catch (IOException e) {
            flaws.add(Flaw.FILE_BROKEN, String.valueOf(FileErrors.sentence(e)));
            return null;
        }
        int turn = turn(image.name(), header, image.height(), image.width(), !objects.isEmpty());
        if (turn == 0) {
            flaws.add(Flaw.SIZE_DIFFERS, image.name());
            return null;
        }
        Fitting found = new Fitting(image.name(), header, turn);
        objects.forEach(found::add);
        return found.checked(image);
    }

    /**
     * How the annotated image lay: upright or as stored, by its size. Where both have it, or
     * nothing tells its size, it is taken to be upright.
     *
     * @param tell whether there is anything to turn
     * @return an orientation as in Exif; 0 if neither has that size
     */
    private int turn(String name, ImageHeader header, int height, int width, boolean tell) {
        boolean turned = header.orientation() != Orientation.UPRIGHT;
        boolean unknown = height == 0 || width == 0;
        boolean upright = height == header.uprightHeight() && width == header.uprightWidth();
        boolean stored = height == header.height() && width == header.width();
        if (turned && tell && (unknown || (upright && stored))) {
            flaws.add(Flaw.ASSUMED_UPRIGHT, name);
        }
        if (unknown || upright) {
            return Orientation.UPRIGHT;
        }
        if (!stored) {
            return 0;
        }
        if (tell) {
            flaws.add(Flaw.STORED, name);
        }
        return header.orientation();
    }

    private CheckedImage checkMask(AnnotatedImage image, ImageHeader header) {
        try {
            MaskFile file = MaskFile.open(image.mask());
            int turn = turn(image.name(), header, file.height(), file.width(), true);
            if (turn == 0) {
                flaws.add(Flaw.MASK_SIZE, image.name());
                return null;
            }
            return new CheckedImage(
                    image.name(),
                    image.file(),
                    header.uprightHeight(),
                    header.uprightWidth(),
                    turn,
                    List.of(),
                    List.of(),
                    file,
                    values(file.read()));
        } catch (IOException e) {
            flaws.add(Flaw.MASK_BROKEN, String.valueOf(FileErrors.sentence(e)));
            return null;
        }
    }

    /** All values in a mask but the ignored one. */
    private static int[] values(Mask mask) {
        boolean[] seen = new boolean[VALUES];
        for (byte value : mask.classes()) {
            seen[value & 0xFF] = true;
        }
        return IntStream.range(0, Mask.IGNORED).filter(value -> seen[value]).toArray();
    }

    /** The objects of one image that fit it. */
    private final class Fitting {
        private final String name;
        private final ImageHeader header;
        private final int turn;
        private final int height;
        private final int width;
        private final List<LabeledBox> boxes = new ArrayList<>();
        private final List<CheckedImage.Area> ignored = new ArrayList<>();
        private final List<CheckedImage.Area> areas = new ArrayList<>();

        Fitting(String name, ImageHeader header, int turn) {
            this.name = name;
            this.header = header;
            this.turn = turn;
            boolean upright = turn == Orientation.UPRIGHT;
            height = upright ? header.uprightHeight() : header.height();
            width = upright ? header.uprightWidth() : header.width();
        }

        void add(AnnotatedObject object) {
            Integer label = object.name() == null ? null : labels.get(object.name());
            if (label == null) {
                flaws.add(Flaw.LABEL_UNKNOWN, where(object));
            } else if (masks) {
                addArea(object, label);
            } else {
                addBox(object, label);
            }
        }

        private String where(AnnotatedObject object) {
            return object.name() == null ? name : name + ", " + object.name();
        }

        /** Ignored ones, COCO's crowds, are painted before all others. */
        private void addArea(AnnotatedObject object, int label) {
            if (object.outline() == null) {
                flaws.add(Flaw.OUTLINE_MISSING, name);
            } else if (!object.outline().fits(height, width)) {
                flaws.add(Flaw.OUTLINE_BROKEN, name);
            } else if (object.ignored()) {
                ignored.add(new CheckedImage.Area(object.outline(), Mask.IGNORED));
            } else {
                areas.add(new CheckedImage.Area(object.outline(), label));
            }
        }

        private void addBox(AnnotatedObject object, int label) {
            Box box = object.box();
            if (box == null) {
                flaws.add(Flaw.BOX_MISSING, name);
                return;
            }
            if (!Double.isFinite(box.width() + box.height() + box.left() + box.top())) {
                flaws.add(Flaw.BOX_BROKEN, name);
                return;
            }
            if (!(box.width() > 0 && box.height() > 0)) {
                flaws.add(Flaw.BOX_EMPTY, name);
                return;
            }
            Box cut = box.clip(width, height);
            if (!(cut.width() > 0 && cut.height() > 0)) {
                flaws.add(Flaw.BOX_OUTSIDE, name);
                return;
            }
            double beyond =
                    Math.max(
                            Math.max(cut.left() - box.left(), cut.top() - box.top()),
                            Math.max(box.right() - cut.right(), box.bottom() - cut.bottom()));
            if (beyond > ROUNDING) {
                flaws.add(Flaw.BOX_CLIPPED, name);
            }
            Box upright = Turning.upright(cut, turn, height, width);
            boolean known = Double.isFinite(object.area()) && object.area() >= 0;
            double area = known ? object.area() : upright.area();
            boxes.add(new LabeledBox(upright, label, object.ignored(), area));
        }

        CheckedImage checked(AnnotatedImage image) {
            List<CheckedImage.Area> painted = new ArrayList<>(ignored);
            painted.addAll(areas);
            IntStream present =
                    masks
                            ? areas.stream().mapToInt(CheckedImage.Area::label)
                            : boxes.stream().mapToInt(LabeledBox::label);
            return new CheckedImage(
                    name,
                    image.file(),
                    header.uprightHeight(),
                    header.uprightWidth(),
                    turn,
                    List.copyOf(boxes),
                    List.copyOf(painted),
                    null,
                    present.distinct().sorted().toArray());
        }
    }
}
