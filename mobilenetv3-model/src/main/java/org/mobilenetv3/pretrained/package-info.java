/** Published weights by name: the registry, and what finds and fetches its files. */
package org.mobilenetv3.pretrained;
