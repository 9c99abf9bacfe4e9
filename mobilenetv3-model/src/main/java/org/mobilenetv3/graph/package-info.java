/**
 * A net as a flat list of operations: traced from blocks, rewritten by passes, priced, exported.
 */
package org.mobilenetv3.graph;
