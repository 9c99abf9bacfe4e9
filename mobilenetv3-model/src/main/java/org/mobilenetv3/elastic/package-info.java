/** Nets that lie within a larger one and use its weights. */
package org.mobilenetv3.elastic;
