/** Search for a net on the command line. */
package org.mobilenetv3.train.command.search;
