/** TorchScript written from Java: archives, compiled nets, export. */
package org.mobilenetv3.torchscript;
