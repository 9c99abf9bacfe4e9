/** Files: written whole or not at all, their checksums, and what their names mean. */
package org.mobilenetv3.io;
