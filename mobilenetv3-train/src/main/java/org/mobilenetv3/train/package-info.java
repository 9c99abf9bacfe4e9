/** Training: recipe, loop, optimizer, evaluation and the run's directory. */
package org.mobilenetv3.train;
