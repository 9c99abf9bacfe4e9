/** The best net for a target: a supernet, its candidates, and the winner (docs/search.md). */
package org.mobilenetv3.train.search;
