/** Nets in other formats: written from the graph, checked, opened again and run. */
package org.mobilenetv3.export;
