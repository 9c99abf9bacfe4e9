/**
 * MobileNetV3 in DJL's ModelZoo, and the model package: a directory that {@code Criteria} opens
 * without any of this project's code being called by hand.
 */
package org.mobilenetv3.zoo;
