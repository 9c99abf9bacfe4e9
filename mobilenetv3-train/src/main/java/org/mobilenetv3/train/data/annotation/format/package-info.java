/**
 * The formats of annotated images: where their files lie, and what they say. What makes no sense in
 * them is counted as a {@link org.mobilenetv3.train.data.annotation.format.Flaw}.
 */
package org.mobilenetv3.train.data.annotation.format;
