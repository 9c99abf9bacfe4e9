/** Java processes of one's own: many runs of this program, on this host or on a cluster. */
package org.mobilenetv3.process;
