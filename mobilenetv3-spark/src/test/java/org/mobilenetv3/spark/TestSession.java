package org.mobilenetv3.spark;

import java.nio.file.Path;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;

/** One session of two threads for all tests, stopped after the last. */
public final class TestSession implements BeforeAllCallback {

    private static volatile SparkSession spark;

    @Override
    public void beforeAll(ExtensionContext context) {
        context.getRoot()
                .getStore(Namespace.create(TestSession.class))
                .getOrComputeIfAbsent("spark", key -> (AutoCloseable) start()::stop);
    }

    private static synchronized SparkSession start() {
        spark =
                SparkSession.builder()
                        .master("local[2]")
                        .appName("test")
                        .config("spark.ui.enabled", "false")
                        .config("spark.sql.shuffle.partitions", "2")
                        .config("spark.driver.host", "127.0.0.1")
                        .config("spark.driver.bindAddress", "127.0.0.1")
                        .config("spark.sql.warehouse.dir", Path.of("target/warehouse").toUri() + "")
                        .getOrCreate();
        return spark;
    }

    /** Returns the session. */
    public static SparkSession spark() {
        return spark;
    }
}
