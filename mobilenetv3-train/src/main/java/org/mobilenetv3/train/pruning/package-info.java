/** Which channels of a net matter, how many it keeps, and what that costs. */
package org.mobilenetv3.train.pruning;
