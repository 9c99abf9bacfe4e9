/** Channels that can be removed from a net, and the net without them. */
package org.mobilenetv3.pruning;
