/** The command {@code batch}: many images, classified on Spark without code. */
package org.mobilenetv3.spark.command;
