/**
 * Tensors in Python's pickles, read without running them: what {@code torch.save} writes, a ZIP
 * with a pickle, and what {@code paddle.save} writes, a pickle alone. The ZIP and the pickle are
 * TorchScript's, too.
 */
package org.mobilenetv3.format.pickle;
