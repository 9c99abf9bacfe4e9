/** Measures this project's nets beside others', turn by turn in one run. */
package org.mobilenetv3.train.bench;
