/** What reports show of tests of detection and segmentation. */
package org.mobilenetv3.train.report.scene;
