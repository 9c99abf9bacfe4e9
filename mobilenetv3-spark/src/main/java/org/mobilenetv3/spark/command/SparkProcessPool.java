package org.mobilenetv3.spark.command;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.mobilenetv3.process.ChildProcess;
import org.mobilenetv3.process.ProcessPool;
import org.mobilenetv3.spark.TaskGpus;

/** Processes as tasks of Spark's, one each. */
public final class SparkProcessPool implements ProcessPool {

    /** Creates the pool; the service loader does. */
    public SparkProcessPool() {}

    @Override
    public List<Integer> run(List<ChildProcess> children, Place place) throws IOException {
        SparkSessions.quiet();
        Map<String, String> conf = new LinkedHashMap<>();
        conf.put("spark.task.cpus", "" + place.cores());
        conf.putAll(place.settings());
        try (SparkSessions session = new SparkSessions("processes", place.master(), conf)) {
            return JavaSparkContext.fromSparkContext(session.spark().sparkContext())
                    .parallelize(new ArrayList<>(children), children.size())
                    .map(SparkProcessPool::runInTask)
                    .collect();
        } catch (RuntimeException e) { // Spark's, of many kinds
            String why = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
            throw new IOException(
                    "Spark at %s gave up (%s); check --master, --conf and the workers' logs, and run the same again."
                            .formatted(place.master(), why),
                    e);
        }
    }

    private static Integer runInTask(ChildProcess child) throws IOException {
        List<String> gpus = TaskGpus.addresses();
        return child.run(
                gpus.isEmpty() ? Map.of() : Map.of("CUDA_VISIBLE_DEVICES", String.join(",", gpus)),
                TaskContext.get()::isInterrupted);
    }
}
