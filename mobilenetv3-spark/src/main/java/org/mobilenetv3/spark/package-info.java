/** Trained nets as a stage of Spark's pipelines. */
package org.mobilenetv3.spark;
