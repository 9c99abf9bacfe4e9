package org.mobilenetv3.spark.command;

import java.io.IOException;
import java.util.Map;
import org.apache.spark.sql.SparkSession;

/** A command's session, begun unless the application has one, and then ended with the command. */
final class SparkSessions implements AutoCloseable {

    private static final String LOGGING = "log4j2.configurationFile";

    private final boolean begun = SparkSession.getDefaultSession().isDefined();
    private final SparkSession spark;

    /**
     * Begins a session.
     *
     * @param name of the command
     * @param master of Spark's
     * @param conf settings of Spark's
     * @throws IOException if the jars that executors need cannot be read
     */
    SparkSessions(String name, String master, Map<String, String> conf) throws IOException {
        SparkSession.Builder builder =
                SparkSession.builder()
                        .appName("mobilenetv3 " + name)
                        .master(master)
                        .config("spark.ui.showConsoleProgress", false);
        if (master.startsWith("local")) {
            builder.config("spark.ui.enabled", false)
                    .config("spark.driver.host", "127.0.0.1")
                    .config("spark.driver.bindAddress", "127.0.0.1");
        } else {
            builder.config("spark.jars", ShippedJars.all());
        }
        conf.forEach(builder::config);
        spark = builder.getOrCreate();
    }

    /** Keeps Spark quiet; to be called before anything is logged. */
    static void quiet() {
        if (System.getProperty(LOGGING) == null) {
            System.setProperty(LOGGING, "mobilenetv3-spark-log4j2.properties");
        }
    }

    SparkSession spark() {
        return spark;
    }

    @Override
    public void close() {
        if (!begun) {
            spark.stop();
        }
    }
}
