/** Scenes made ready for a net, batch by batch. */
package org.mobilenetv3.train.data.scene.batch;
