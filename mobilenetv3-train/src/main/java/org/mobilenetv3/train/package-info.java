/** The training loop: nets that learn, the optimizer's steps, evaluation and what is saved. */
package org.mobilenetv3.train;
