/** The commands that make nets smaller. */
package org.mobilenetv3.train.command.pruning;
