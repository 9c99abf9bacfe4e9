/** How a net is trained: recipes, their values, schedules and update rules as such. */
package org.mobilenetv3.train.recipe;
