/** What a net costs for one image: multiply-adds, parameters, milliseconds. */
package org.mobilenetv3.train.cost;
