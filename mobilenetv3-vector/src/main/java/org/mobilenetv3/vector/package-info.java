/**
 * Runs trained nets in Java itself: {@link org.mobilenetv3.vector.VectorProvider} makes a plan of
 * steps of a net's graph, whose loops use {@code jdk.incubator.vector}.
 */
package org.mobilenetv3.vector;
