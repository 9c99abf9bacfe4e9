/** Reports on runs: page, figures, TensorBoard events, comparison. */
package org.mobilenetv3.train.report;
