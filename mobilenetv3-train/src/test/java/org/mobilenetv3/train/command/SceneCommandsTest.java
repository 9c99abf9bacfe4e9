package org.mobilenetv3.train.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mobilenetv3.train.command.CommandsTest.Result;

/** Detection and segmentation on the command line. */
class SceneCommandsTest {

    @TempDir private Path temporary;

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--task=classify --arch=lraspp_small | lraspp_small segments, which is not --task classify; give --arch mobilenet_v3_small, say.",
                "--task=detect --arch=lraspp_small | lraspp_small segments, which is not --task detect; give --arch ssdlite320_small, say.",
                "--task=segment --flip=false | --flip is for nets that classify; see --data-augmentation.",
                "--task=segment --data-augmentation=ssdlite | The augmentation 'ssdlite' is for boxes; give another one for masks.",
                "--task=detect --distill=0.5 | A teacher is for nets that classify; leave out --teacher, --distill and --temperature.",
                "--task=detect --dataset=cifar10 | The data set 'cifar10' has classes but no boxes;",
                "--task=detect --data=nowhere | nowhere",
                "--dataset=shapes --data-augmentation=ssd | --data-augmentation is for nets that detect or segment.",
                "--task=segment --input-size=48x64 | Masks are learned on squares and found in images of any size; give one number as --input-size."
            })
    void whatDoesNotFitIsRefusedInASentence(String options, String message) {
        List<String> line = new ArrayList<>(List.of("train"));
        line.addAll(List.of(options.split(" ")));
        line.add("--out=" + temporary.resolve("run"));
        Result result = CommandsTest.run(line.toArray(String[]::new));
        assertThat(result.code()).isNotZero();
        assertThat(result.err()).contains(message).doesNotContain("Exception");
        assertThat(temporary.resolve("run")).doesNotExist();
    }
}
