package org.mobilenetv3.train.latency;

import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleConsumer;
import org.mobilenetv3.Architecture;
import org.mobilenetv3.MobileNetV3;

/**
 * Measures units one after another, round by round, as a net runs its layers: a unit that runs
 * again and again by itself finds its weights in the innermost cache and is up to a third faster
 * than in its net.
 *
 * <p>A time is the lowest decile of the rounds, and is the calling thread's processor time, which
 * on an idle machine is the time that passes (the caller computes too and waits busily for the
 * other threads), but does not count when others have the processor.
 */
public final class Turns implements UnitTimer {

    private static final ThreadMXBean CLOCK = ManagementFactory.getThreadMXBean();
    private static final int WARM_UP = 10;
    private static final int LEAST = 50;
    private static final int MOST = 3000;
    private static final double ENOUGH_NANOS = 1e9;

    /** Opened nets that are kept: a candidate shares most units with the one before. */
    private static final int KEPT = 100;

    private final NetRuntime runtime;
    private final int threads;
    private final Map<String, NetCall> opened = new LinkedHashMap<>(16, 0.75f, true);
    private double call = Double.NaN;

    /**
     * Creates a timer; nothing is loaded before it is used.
     *
     * @param runtime what runs the nets
     * @param threads within one operation, at least 1
     */
    public Turns(NetRuntime runtime, int threads) {
        this.runtime = runtime;
        this.threads = threads;
    }

    @Override
    public double[] milliseconds(List<Unit> net, DoubleConsumer progress) throws IOException {
        Map<String, NetCall> calls = new LinkedHashMap<>();
        for (Unit unit : net) {
            calls.put(unit.frameKey(), call(unit.frameKey(), unit.frame(), unit.frameInput()));
            String key = unit.key().toString();
            calls.put(key, call(key, unit.net(), unit.input()));
        }
        double[] times = rounds(List.copyOf(calls.values()), progress);
        List<String> keys = List.copyOf(calls.keySet());
        double[] result = new double[net.size()];
        for (int i = 0; i < result.length; i++) {
            Unit unit = net.get(i);
            double whole = times[keys.indexOf(unit.key().toString())];
            double frame = times[keys.indexOf(unit.frameKey())];
            result[i] = Math.max(0, whole - frame);
            if (unit.frameKey().equals(Unit.CALL)) {
                result[i] += call(calls.get(Unit.CALL));
            }
        }
        evict();
        return result;
    }

    /**
     * Measures a whole net.
     *
     * @param net the net
     * @param height of its input in pixels
     * @param width of its input in pixels
     * @return milliseconds of a call
     * @throws IOException in one sentence, if the runtime fails
     */
    public double whole(Architecture net, int height, int width) throws IOException {
        Shape input = new Shape(1, net.inputChannels(), height, width);
        try (NetCall call = runtime.open(MobileNetV3.of(net), input, threads)) {
            return rounds(List.of(call), share -> {})[0];
        }
    }

    private NetCall call(String key, Block net, Shape input) throws IOException {
        NetCall known = opened.get(key);
        if (known == null) {
            known = runtime.open(net, input, threads);
            opened.put(key, known);
        }
        return known;
    }

    /** What a call of the runtime takes, other nets not in between. */
    private double call(NetCall nothing) throws IOException {
        if (Double.isNaN(call)) {
            call = rounds(List.of(nothing), share -> {})[0];
        }
        return call;
    }

    private void evict() {
        while (opened.size() > KEPT) {
            opened.remove(opened.keySet().iterator().next()).close();
        }
    }

    private static double[] rounds(List<NetCall> calls, DoubleConsumer progress)
            throws IOException {
        List<double[]> rounds = new ArrayList<>();
        long begin = System.nanoTime();
        for (int round = -WARM_UP; round < MOST; round++) {
            double[] times = new double[calls.size()];
            for (int i = 0; i < times.length; i++) {
                long start = now();
                calls.get(i).run();
                times[i] = (now() - start) / 1e6;
            }
            if (round < 0) {
                begin = System.nanoTime();
                continue;
            }
            rounds.add(times);
            double share =
                    Math.max(
                            (round + 1.0) / MOST,
                            Math.min(
                                    (round + 1.0) / LEAST,
                                    (System.nanoTime() - begin) / ENOUGH_NANOS));
            progress.accept(Math.min(1, share));
            if (share >= 1) {
                break;
            }
        }
        double[] deciles = new double[calls.size()];
        for (int i = 0; i < deciles.length; i++) {
            int call = i;
            double[] sorted = rounds.stream().mapToDouble(x -> x[call]).sorted().toArray();
            deciles[i] = sorted[sorted.length / 10];
        }
        return deciles;
    }

    private static long now() {
        return CLOCK.isCurrentThreadCpuTimeSupported()
                ? CLOCK.getCurrentThreadCpuTime()
                : System.nanoTime();
    }

    @Override
    public void close() {
        opened.values().forEach(NetCall::close);
        opened.clear();
    }
}
