/** What a run tells afterwards: report page, figures, TensorBoard events, comparison of runs. */
package org.mobilenetv3.train.report;
