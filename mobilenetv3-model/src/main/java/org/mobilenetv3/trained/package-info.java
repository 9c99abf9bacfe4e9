/**
 * Trained nets: what they are ({@link org.mobilenetv3.trained.NetDescription}), what holds them
 * ({@link org.mobilenetv3.trained.FileKind}), and the one door to all of them ({@link
 * org.mobilenetv3.trained.TrainedNet#open}).
 */
package org.mobilenetv3.trained;
