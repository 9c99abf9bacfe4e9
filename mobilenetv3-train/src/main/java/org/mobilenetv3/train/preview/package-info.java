/** Training data as the net sees it, in pictures for people. */
package org.mobilenetv3.train.preview;
