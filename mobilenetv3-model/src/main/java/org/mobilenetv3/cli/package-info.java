/** What the command lines of the modules share; needs picocli on the class path. */
package org.mobilenetv3.cli;
