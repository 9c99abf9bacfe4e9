/** How long nets take on this host, from measured times of their layers. */
package org.mobilenetv3.train.latency;
