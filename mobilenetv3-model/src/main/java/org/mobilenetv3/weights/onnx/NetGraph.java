package org.mobilenetv3.weights.onnx;

import java.util.List;
import java.util.Optional;
import org.mobilenetv3.graph.Graph;
import org.mobilenetv3.image.Normalization;

/**
 * What a file computes.
 *
 * @param graph from normalized images to logits; its weights carry the file's names, and shapes
 *     have -1 where a size is not known
 * @param normalization what the file does to its input first
 * @param facts sentences worth telling
 */
record NetGraph(Graph graph, Optional<Normalization> normalization, List<String> facts) {}
