/** The commands of this module. */
package org.mobilenetv3.train.command;
