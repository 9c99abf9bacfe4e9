/** What image files say of their pictures beside the samples; plain Java. */
package org.mobilenetv3.image.metadata;
