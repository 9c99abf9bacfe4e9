/** Using trained packages: prediction. */
package org.mobilenetv3.serve;
