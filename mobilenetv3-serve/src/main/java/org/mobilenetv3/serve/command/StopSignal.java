package org.mobilenetv3.serve.command;

import java.lang.reflect.Proxy;
import java.util.concurrent.CountDownLatch;

/**
 * Waits for SIGTERM or Ctrl-C. Not a shutdown hook: those run concurrently, and ONNX Runtime's
 * would close its environment under requests that are still computed.
 */
final class StopSignal {

    private static final int AT_ONCE = 130;

    private final CountDownLatch stop = new CountDownLatch(1);

    /** Starts listening. The JDK's class is looked up by name, as javac warns about it. */
    StopSignal() {
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            Object ours =
                    Proxy.newProxyInstance(
                            handler.getClassLoader(),
                            new Class<?>[] {handler},
                            (proxy, method, arguments) -> {
                                if (stop.getCount() == 0) { // asked for a second time
                                    Runtime.getRuntime().halt(AT_ONCE);
                                }
                                stop.countDown();
                                return null;
                            });
            for (String name : new String[] {"TERM", "INT", "HUP"}) {
                Object one = signal.getConstructor(String.class).newInstance(name);
                signal.getMethod("handle", signal, handler).invoke(null, one, ours);
            }
        } catch (ReflectiveOperationException e) {
            System.err.println("This Java has no signals; a stop does not wait for requests.");
        }
    }

    void await() throws InterruptedException {
        stop.await();
    }
}
