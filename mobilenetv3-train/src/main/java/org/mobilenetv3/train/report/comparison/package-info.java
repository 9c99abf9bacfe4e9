/** Runs side by side: a table and a page. */
package org.mobilenetv3.train.report.comparison;
