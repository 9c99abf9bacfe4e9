/** A directory to hand on: a net in several formats, with a model card and checksums. */
package org.mobilenetv3.export.bundle;
