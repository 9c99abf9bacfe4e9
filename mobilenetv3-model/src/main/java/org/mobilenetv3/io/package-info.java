/** Writing files: whole or not at all, and the containers that PyTorch reads. */
package org.mobilenetv3.io;
