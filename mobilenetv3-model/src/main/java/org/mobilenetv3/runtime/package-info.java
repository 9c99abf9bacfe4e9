/**
 * libtorch made ready: what must happen before and after it loads, on which caches and allocators
 * it runs, and a proof of its convolutions against a plain Java loop.
 */
package org.mobilenetv3.runtime;
