package org.mobilenetv3.vector;

import java.util.List;

/** One step of a plan: work in units that do not depend on each other. */
abstract class Step {

    /** What it reads, all of which must stay until it is done. */
    abstract List<Tensor> inputs();

    /** What it writes. */
    abstract Tensor output();

    /** Products of a weight and a number, without those of padding channels. */
    long multiplyAdds() {
        return 0;
    }

    /** How many parts it has. */
    abstract int units();

    /** Floats that a worker needs for itself. */
    int scratch() {
        return 0;
    }

    /**
     * Does one part.
     *
     * @param a the arena
     * @param unit which part
     * @param scratch where the worker's own floats begin
     */
    abstract void run(float[] a, int unit, int scratch);
}
