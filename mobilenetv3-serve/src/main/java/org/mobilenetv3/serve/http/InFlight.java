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
    private final AtomicLong last = new AtomicLong(System.nanoTime());

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
        requests.incrementAndGet();
        last.set(System.nanoTime());
        Request.addCompletionListener(
                request,
                failure -> {
                    requests.decrementAndGet();
                    last.set(System.nanoTime());
                });
        return super.handle(request, response, callback);
    }

    int count() {
        return requests.get();
    }

    /** Whether nothing has come or ended for so long. */
    boolean quiet(long nanos) {
        return requests.get() == 0 && System.nanoTime() - last.get() > nanos;
    }

    /** Lets the time of quiet begin now. */
    void touch() {
        last.set(System.nanoTime());
    }
}
