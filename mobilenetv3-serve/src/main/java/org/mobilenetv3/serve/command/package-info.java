/** The commands that use trained nets: predict, export, convert, serve. */
package org.mobilenetv3.serve.command;
