/** Commands that measure nets and make them smaller. */
package org.mobilenetv3.train.command.pruning;
