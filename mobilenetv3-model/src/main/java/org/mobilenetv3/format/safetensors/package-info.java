/** Hugging Face's safetensors, read and written. */
package org.mobilenetv3.format.safetensors;
