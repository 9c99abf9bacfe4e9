/**
 * Folders of images by class: {@link org.mobilenetv3.train.data.folder.ImageFolder} reads one to
 * learn from or to test with, and tells of all that it leaves out.
 */
package org.mobilenetv3.train.data.folder;
