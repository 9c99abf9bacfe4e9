/** Files from the network: fetched once, resumed, checked, and found in the caches of Python. */
package org.mobilenetv3.download;
