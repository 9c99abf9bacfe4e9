/** DJL's interfaces of arrays where there is no engine. */
package org.mobilenetv3.djl;
