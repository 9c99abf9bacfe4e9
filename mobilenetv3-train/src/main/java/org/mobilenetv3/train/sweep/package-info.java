/** Sweeps: a run for each recipe and seed, each in a process of its own. */
package org.mobilenetv3.train.sweep;
