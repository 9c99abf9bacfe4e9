/**
 * What {@code torch.save} writes, read without running it, and written: a ZIP with a pickle. The
 * ZIP and the pickle are TorchScript's, too.
 */
package org.mobilenetv3.format.torch;
