package org.mobilenetv3.spark;

import ai.djl.Device;
import java.io.IOException;
import java.util.Iterator;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Row;

/**
 * What each task does with its rows.
 *
 * @param packed the net
 * @param key of the net, one for each of its contents
 * @param reader finds a row's image
 * @param topK classes of an answer
 * @param batchSize images computed together
 * @param embedding whether answers have one
 */
record Classifier(
        Broadcast<byte[]> packed,
        String key,
        RowReader reader,
        int topK,
        int batchSize,
        boolean embedding)
        implements MapPartitionsFunction<Row, Row> {

    @Override
    public Iterator<Row> call(Iterator<Row> rows) {
        return rows.hasNext() ? new Predictions(this, rows) : rows;
    }

    /** Returns how many threads one task has. */
    static int threads() {
        TaskContext task = TaskContext.get();
        return task == null ? 1 : Math.max(1, task.cpus());
    }

    /** Claims the executor's net, one for each device. */
    SharedNets.Claim claim() throws IOException {
        int threads = threads();
        Device device = TaskGpus.device(TaskGpus.addresses());
        return SharedNets.OF_JVM.claim(
                key + " " + device, () -> PackedNet.open(packed.value(), threads, device));
    }
}
