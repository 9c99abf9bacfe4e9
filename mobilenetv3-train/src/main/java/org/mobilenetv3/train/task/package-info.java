/** What is learned: classes, boxes or masks; the loss, the metric and the test of each. */
package org.mobilenetv3.train.task;
