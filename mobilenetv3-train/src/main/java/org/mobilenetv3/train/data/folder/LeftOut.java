package org.mobilenetv3.train.data.folder;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.mobilenetv3.image.ImageFiles;
import org.mobilenetv3.io.FileNames;
import org.mobilenetv3.train.data.DataListener;

/** Tells of all that lies in a folder of images by class and is not read. */
final class LeftOut {
    private final DataListener listener;

    LeftOut(DataListener listener) {
        this.listener = listener;
    }

    /** Tells of the folders beside the parts. */
    void tellOfFolders(FolderParts parts) {
        if (!parts.unused().isEmpty()) {
            listener.message(
                    "Beside the parts, '%s' holds %s, which is left out."
                            .formatted(parts.root(), FolderParts.quoted(parts.unused())));
        }
    }

    /**
     * Tells of files, counted by their endings.
     *
     * @param roots the folders of class folders
     */
    void tellOfFiles(List<Path> roots) throws IOException {
        List<Path> others = new ArrayList<>();
        List<Path> stray = new ArrayList<>();
        for (Path root : roots) {
            stray.addAll(ImageFiles.stray(root));
            for (Path folder : ImageFiles.folders(root)) {
                others.addAll(ImageFiles.others(folder));
            }
        }
        Map<Boolean, List<Path>> byKind =
                others.stream()
                        .collect(
                                Collectors.partitioningBy(
                                        file ->
                                                ImageFiles.FOREIGN.contains(
                                                        FileNames.extension(file))));
        tell(
                byKind.get(true),
                "images of kinds that Java cannot read are left out %s; convert them to PNG or JPEG.");
        tell(
                byKind.get(false),
                "files are left out, for their names are not those of images %s; if they are images, rename them.");
        tell(stray, "images lie beside the class folders and are left out %s.");
    }

    private void tell(List<Path> files, String what) {
        if (files.isEmpty()) {
            return;
        }
        Map<String, Long> kinds =
                files.stream()
                        .collect(
                                Collectors.groupingBy(
                                        LeftOut::ending, TreeMap::new, Collectors.counting()));
        listener.message(String.format(Locale.ROOT, "%,d " + what, files.size(), kinds));
    }

    private static String ending(Path file) {
        String extension = FileNames.extension(file);
        return extension.isEmpty() ? "no ending" : extension;
    }
}
