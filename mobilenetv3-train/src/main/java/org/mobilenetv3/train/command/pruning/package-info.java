/** The commands that make nets smaller and say how fast they are. */
package org.mobilenetv3.train.command.pruning;
