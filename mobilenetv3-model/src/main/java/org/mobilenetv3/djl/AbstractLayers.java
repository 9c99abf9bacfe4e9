package org.mobilenetv3.djl;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDArrayIndexer;
import ai.djl.ndarray.internal.NDArrayEx;
import ai.djl.ndarray.types.Shape;
import ai.djl.ndarray.types.SparseFormat;
import ai.djl.nn.recurrent.RNN;
import java.util.List;

/**
 * DJL's layers of an array without an engine: every one is refused but those that are overridden,
 * as in {@link AbstractManager}.
 *
 * <p>Every abstract method of DJL 0.36 stands here once, parameters numbered, none with a meaning.
 */
public abstract class AbstractLayers implements NDArrayEx {

    /**
     * Says that there is no such operation.
     *
     * @param method what was called
     * @return to be thrown
     */
    protected abstract RuntimeException refuse(String method);

    @Override
    public void adadeltaUpdate(
            NDList a0, NDList a1, float a2, float a3, float a4, float a5, float a6) {
        throw refuse("adadeltaUpdate");
    }

    @Override
    public void adagradUpdate(
            NDList a0, NDList a1, float a2, float a3, float a4, float a5, float a6) {
        throw refuse("adagradUpdate");
    }

    @Override
    public void adamUpdate(
            NDList a0,
            NDList a1,
            float a2,
            float a3,
            float a4,
            float a5,
            float a6,
            float a7,
            float a8,
            float a9,
            boolean a10,
            boolean a11) {
        throw refuse("adamUpdate");
    }

    @Override
    public NDArray avgPool(Shape a0, Shape a1, Shape a2, boolean a3, boolean a4) {
        throw refuse("avgPool");
    }

    @Override
    public NDList batchNorm(
            NDArray a0,
            NDArray a1,
            NDArray a2,
            NDArray a3,
            NDArray a4,
            int a5,
            float a6,
            float a7,
            boolean a8) {
        throw refuse("batchNorm");
    }

    @Override
    public NDArray concat(NDList a0, int a1) {
        throw refuse("concat");
    }

    @Override
    public NDList convolution(
            NDArray a0, NDArray a1, NDArray a2, Shape a3, Shape a4, Shape a5, int a6) {
        throw refuse("convolution");
    }

    @Override
    public NDList deconvolution(
            NDArray a0, NDArray a1, NDArray a2, Shape a3, Shape a4, Shape a5, Shape a6, int a7) {
        throw refuse("deconvolution");
    }

    @Override
    public NDList dropout(NDArray a0, float a1, boolean a2) {
        throw refuse("dropout");
    }

    @Override
    public NDArray elu(float a0) {
        throw refuse("elu");
    }

    @Override
    public NDList embedding(NDArray a0, NDArray a1, SparseFormat a2) {
        throw refuse("embedding");
    }

    @Override
    public NDArray gelu() {
        throw refuse("gelu");
    }

    @Override
    public NDArray getArray() {
        throw refuse("getArray");
    }

    @Override
    public NDArrayIndexer getIndexer(NDManager a0) {
        throw refuse("getIndexer");
    }

    @Override
    public NDArray globalAvgPool() {
        throw refuse("globalAvgPool");
    }

    @Override
    public NDArray globalLpPool(float a0) {
        throw refuse("globalLpPool");
    }

    @Override
    public NDArray globalMaxPool() {
        throw refuse("globalMaxPool");
    }

    @Override
    public NDList gru(
            NDArray a0,
            NDArray a1,
            NDList a2,
            boolean a3,
            int a4,
            double a5,
            boolean a6,
            boolean a7,
            boolean a8) {
        throw refuse("gru");
    }

    @Override
    public NDArray interpolation(long[] a0, int a1, boolean a2) {
        throw refuse("interpolation");
    }

    @Override
    public NDList layerNorm(NDArray a0, Shape a1, NDArray a2, NDArray a3, float a4) {
        throw refuse("layerNorm");
    }

    @Override
    public NDArray leakyRelu(float a0) {
        throw refuse("leakyRelu");
    }

    @Override
    public NDList linear(NDArray a0, NDArray a1, NDArray a2) {
        throw refuse("linear");
    }

    @Override
    public NDArray lpPool(float a0, Shape a1, Shape a2, Shape a3, boolean a4) {
        throw refuse("lpPool");
    }

    @Override
    public NDList lstm(
            NDArray a0,
            NDList a1,
            NDList a2,
            boolean a3,
            int a4,
            double a5,
            boolean a6,
            boolean a7,
            boolean a8) {
        throw refuse("lstm");
    }

    @Override
    public NDArray maxPool(Shape a0, Shape a1, Shape a2, boolean a3) {
        throw refuse("maxPool");
    }

    @Override
    public NDList multiBoxDetection(
            NDList a0, boolean a1, float a2, int a3, float a4, boolean a5, int a6) {
        throw refuse("multiBoxDetection");
    }

    @Override
    public NDList multiBoxPrior(
            List<Float> a0, List<Float> a1, List<Float> a2, List<Float> a3, boolean a4) {
        throw refuse("multiBoxPrior");
    }

    @Override
    public NDList multiBoxTarget(NDList a0, float a1, float a2, float a3, float a4, int a5) {
        throw refuse("multiBoxTarget");
    }

    @Override
    public void nagUpdate(NDList a0, NDList a1, float a2, float a3, float a4, float a5, float a6) {
        throw refuse("nagUpdate");
    }

    @Override
    public NDList prelu(NDArray a0, NDArray a1) {
        throw refuse("prelu");
    }

    @Override
    public NDArray randomBrightness(float a0) {
        throw refuse("randomBrightness");
    }

    @Override
    public NDArray randomColorJitter(float a0, float a1, float a2, float a3) {
        throw refuse("randomColorJitter");
    }

    @Override
    public NDArray randomFlipLeftRight() {
        throw refuse("randomFlipLeftRight");
    }

    @Override
    public NDArray randomFlipTopBottom() {
        throw refuse("randomFlipTopBottom");
    }

    @Override
    public NDArray randomHue(float a0) {
        throw refuse("randomHue");
    }

    @Override
    public NDArray rdivi(NDArray a0) {
        throw refuse("rdivi");
    }

    @Override
    public NDArray relu() {
        throw refuse("relu");
    }

    @Override
    public NDArray resize(int a0, int a1, int a2) {
        throw refuse("resize");
    }

    @Override
    public NDArray rmodi(NDArray a0) {
        throw refuse("rmodi");
    }

    @Override
    public void rmspropUpdate(
            NDList a0,
            NDList a1,
            float a2,
            float a3,
            float a4,
            float a5,
            float a6,
            float a7,
            float a8,
            boolean a9) {
        throw refuse("rmspropUpdate");
    }

    @Override
    public NDList rnn(
            NDArray a0,
            NDArray a1,
            NDList a2,
            boolean a3,
            int a4,
            RNN.Activation a5,
            double a6,
            boolean a7,
            boolean a8,
            boolean a9) {
        throw refuse("rnn");
    }

    @Override
    public NDArray rpowi(Number a0) {
        throw refuse("rpowi");
    }

    @Override
    public NDArray selu() {
        throw refuse("selu");
    }

    @Override
    public void sgdUpdate(
            NDList a0, NDList a1, float a2, float a3, float a4, float a5, float a6, boolean a7) {
        throw refuse("sgdUpdate");
    }

    @Override
    public NDArray sigmoid() {
        throw refuse("sigmoid");
    }

    @Override
    public NDArray softPlus() {
        throw refuse("softPlus");
    }

    @Override
    public NDArray softSign() {
        throw refuse("softSign");
    }

    @Override
    public NDArray stack(NDList a0, int a1) {
        throw refuse("stack");
    }

    @Override
    public NDArray tanh() {
        throw refuse("tanh");
    }

    @Override
    public NDArray where(NDArray a0, NDArray a1) {
        throw refuse("where");
    }
}
