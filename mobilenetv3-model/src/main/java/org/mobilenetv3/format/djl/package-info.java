/** The file of parameters that DJL writes beside a model ({@code .params}). */
package org.mobilenetv3.format.djl;
