/** State dicts, from files of any format, and whose net they are of. */
package org.mobilenetv3.weights;
