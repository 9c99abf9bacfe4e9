package org.mobilenetv3;

import ai.djl.nn.Block;
import ai.djl.nn.norm.Dropout;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.mobilenetv3.Head.Classifier;
import org.mobilenetv3.Head.Hidden;
import org.mobilenetv3.Head.LrAspp;
import org.mobilenetv3.Head.SsdLite;
import org.mobilenetv3.detection.SsdLiteBlock;
import org.mobilenetv3.nn.ActivationBlock;
import org.mobilenetv3.nn.BlockSpec;
import org.mobilenetv3.nn.Chain;
import org.mobilenetv3.nn.ConvBlock;
import org.mobilenetv3.nn.Conventions;
import org.mobilenetv3.nn.GlobalAveragePool;
import org.mobilenetv3.nn.InvertedResidual;
import org.mobilenetv3.nn.Layers;
import org.mobilenetv3.nn.MaxPool;
import org.mobilenetv3.nn.Norm;
import org.mobilenetv3.nn.ParameterNames;
import org.mobilenetv3.segmentation.LrAsppBlock;

/**
 * What stands in a net, built from its table.
 *
 * @param net the table
 * @param momentum of batch norm, or 0 for the net's own
 */
record NetLayers(Architecture net, float momentum) {

    /**
     * Builds the layers.
     *
     * @return in running order by their names in the state dict; a net that does not classify is
     *     one block without a name, under which its parameters have theirs
     */
    Map<String, Block> all() {
        if (net.head() instanceof Classifier head) {
            return classifier(head);
        }
        if (net.head() instanceof LrAspp head) {
            return Map.of("", lrAspp(head));
        }
        return Map.of("", ssdLite((SsdLite) net.head()));
    }

    private Conventions conventions() {
        return net.conventions().withNorm(net.conventions().norm().withMomentum(momentum));
    }

    private Block stem() {
        return ConvBlock.builder(net.inputChannels(), net.stem().channels(), 3)
                .optConventions(conventions())
                .optStride(net.stem().stride())
                .optActivation(net.stem().activation())
                .build();
    }

    private List<Block> blocks() {
        List<Block> blocks = new ArrayList<>();
        int in = net.stem().channels();
        for (BlockSpec row : net.blocks()) {
            blocks.add(row.build(in, conventions()));
            in = row.out();
        }
        return blocks;
    }

    private List<Block> last() {
        int in = net.blocks().get(net.blocks().size() - 1).out();
        int out = net.last().channels();
        List<Block> last = new ArrayList<>();
        for (int i = 0; i < net.last().repeats(); i++) {
            last.add(
                    ConvBlock.builder(i == 0 ? in : out, out, 1)
                            .optConventions(conventions())
                            .optGroups(net.last().groups())
                            .optActivation(net.last().activation())
                            .build());
        }
        return last;
    }

    /** Stem, blocks and last convolution: torchvision's {@code features}. */
    private List<Block> trunk() {
        List<Block> trunk = new ArrayList<>();
        trunk.add(stem());
        trunk.addAll(blocks());
        trunk.addAll(last());
        return trunk;
    }

    private Map<String, Block> classifier(Classifier head) {
        boolean article = net.conventions().names() == ParameterNames.ARTICLE;
        Map<String, Block> layers = new LinkedHashMap<>();
        if (article) {
            List<Block> last = last();
            layers.put("conv1", stem());
            layers.put("bottlenecks", Chain.of(blocks().toArray(Block[]::new)));
            layers.put(
                    "conv2", last.size() == 1 ? last.get(0) : Chain.of(last.toArray(Block[]::new)));
        } else {
            layers.put("features", Chain.of(trunk().toArray(Block[]::new)));
        }
        int out = net.last().channels();
        Norm norm = conventions().norm();
        Hidden hidden = head.hidden();
        if (head.maxPool()) {
            layers.put("maxpool", new MaxPool());
        }
        if (hidden != null && !hidden.pooled()) {
            layers.put("conv3", Layers.pointwise(out, hidden.width(), hidden.bias()));
            if (hidden.norm()) {
                layers.put("bn", Layers.batchNorm(hidden.width(), norm));
            }
            layers.put("hswish", new ActivationBlock(hidden.activation()));
        }
        layers.put("avgpool", new GlobalAveragePool());
        List<Block> classifier = new ArrayList<>();
        if (hidden != null && hidden.pooled()) {
            classifier.add(Layers.linear(out, hidden.width(), hidden.bias()));
            if (hidden.norm()) {
                classifier.add(Layers.batchNorm(hidden.width(), norm));
            }
            classifier.add(new ActivationBlock(hidden.activation()));
        }
        if (!article) {
            classifier.add(Dropout.builder().optRate(head.dropout()).build());
        }
        Block linear = Layers.linear(hidden == null ? out : hidden.width(), net.classes(), true);
        classifier.add(linear);
        layers.put(
                article ? "fc" : "classifier",
                classifier.size() == 1 ? linear : Chain.of(classifier.toArray(Block[]::new)));
        return layers;
    }

    private Block lrAspp(LrAspp head) {
        return new LrAsppBlock(
                trunk(),
                head.low() + 1, // after the stem
                new LrAsppBlock.Channels(
                        net.blocks().get(head.low()).out(),
                        net.last().channels(),
                        head.inner(),
                        net.classes()),
                momentum);
    }

    private Block ssdLite(SsdLite head) {
        InvertedResidual.Spec tapped = (InvertedResidual.Spec) net.blocks().get(head.tap());
        List<Integer> channels = new ArrayList<>(List.of(tapped.expanded(), net.last().channels()));
        channels.addAll(head.extra());
        return new SsdLiteBlock(
                trunk(), head.tap() + 1, channels, net.classes() + 1, conventions());
    }
}
