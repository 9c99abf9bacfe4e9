package org.mobilenetv3.serve.http;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/** Counts the requests whose answers are not yet written to the last byte. */
final class InFlight extends Handler.Wrapper {

    private final AtomicInteger requests = new AtomicInteger();
    private final AtomicLong lastChange = new AtomicLong(System.nanoTime());

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
        requests.incrementAndGet();
        lastChange.set(System.nanoTime());
        Request.addCompletionListener(
                request,
                failure -> {
                    requests.decrementAndGet();
                    lastChange.set(System.nanoTime());
                });
        return super.handle(request, response, callback);
    }

    int count() {
        return requests.get();
    }

    /** Returns whether no request has been in flight for this long. */
    boolean idleFor(long nanos) {
        return requests.get() == 0 && System.nanoTime() - lastChange.get() > nanos;
    }

    /** Restarts the idle time. */
    void restartIdleTime() {
        lastChange.set(System.nanoTime());
    }
}
