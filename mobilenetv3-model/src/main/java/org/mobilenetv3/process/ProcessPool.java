package org.mobilenetv3.process;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;

/** Runs processes side by side; found by {@link ServiceLoader}, so that Spark is no must. */
public interface ProcessPool {

    /**
     * Where processes run.
     *
     * @param master as Spark names it: {@code local[*]} (all cores of this host), {@code local[N]},
     *     or a cluster's address
     * @param settings of Spark's
     * @param cores for each process
     */
    record Place(String master, Map<String, String> settings, int cores) {}

    /**
     * Refuses a place that this pool does not reach; Spark finds out when it begins.
     *
     * @param place where processes are to run
     * @throws IllegalArgumentException in one sentence, if there is no such place
     */
    default void check(Place place) {}

    /**
     * Runs processes, as many at a time as there are cores for.
     *
     * @param children what to run
     * @param place where
     * @return their exit codes, in the same order
     * @throws IOException in one sentence, if one cannot be started or the cluster gives up
     * @throws IllegalArgumentException as {@link #check}
     */
    List<Integer> run(List<ChildProcess> children, Place place) throws IOException;

    /**
     * Finds the pool: Spark's if it is on the class path, otherwise this host's.
     *
     * @return the pool
     */
    static ProcessPool find() {
        return ServiceLoader.load(ProcessPool.class).findFirst().orElseGet(LocalProcessPool::new);
    }
}
