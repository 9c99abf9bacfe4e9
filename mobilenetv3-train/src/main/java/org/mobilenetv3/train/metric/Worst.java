package org.mobilenetv3.train.metric;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/** The few images that come first in an order, of any number that are added. */
final class Worst<T> {

    private static final int LIMIT = 12;

    private final Comparator<T> order;
    private final PriorityQueue<T> kept;

    Worst(Comparator<T> order) {
        this.order = order;
        kept = new PriorityQueue<>(order.reversed());
    }

    void add(T image) {
        kept.add(image);
        if (kept.size() > LIMIT) {
            kept.remove();
        }
    }

    void addAll(Worst<T> others) {
        others.kept.forEach(this::add);
    }

    List<T> list() {
        List<T> sorted = new ArrayList<>(kept);
        sorted.sort(order);
        return sorted;
    }
}
