/**
 * The loops in which a net's time is spent, twice: on {@code jdk.incubator.vector}, and in plain
 * Java. {@link org.mobilenetv3.vector.kernel.Kernels} says what they compute.
 */
package org.mobilenetv3.vector.kernel;
