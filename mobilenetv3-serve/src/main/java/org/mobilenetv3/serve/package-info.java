/** Using trained packages: prediction and export. */
package org.mobilenetv3.serve;
