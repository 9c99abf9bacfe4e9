/** The inference server: HTTP in front, one queue and one net per model behind. */
package org.mobilenetv3.serve.http;
