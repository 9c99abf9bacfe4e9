package org.mobilenetv3.djl;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDResource;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.util.PairList;
import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.nio.charset.Charset;
import java.nio.file.Path;
import java.util.List;

/**
 * A manager without an engine: every operation is refused but those that are overridden. A dynamic
 * proxy would be shorter, but takes HotSpot a third of a second of processor time to make and to
 * compile, when a short command starts. DJL has the like of it for arrays, {@link
 * ai.djl.ndarray.NDArrayAdapter}.
 *
 * <p>Every abstract method of DJL 0.36 stands here once, parameters numbered, none with a meaning.
 */
public abstract class AbstractManager implements NDManager {

    /**
     * Says that there is no such operation.
     *
     * @param method what was called
     * @return to be thrown
     */
    protected abstract RuntimeException refuse(String method);

    @Override
    public ByteBuffer allocateDirect(int a0) {
        throw refuse("allocateDirect");
    }

    @Override
    public NDArray arange(float a0, float a1, float a2, DataType a3) {
        throw refuse("arange");
    }

    @Override
    public void attachInternal(String a0, AutoCloseable... a1) {
        throw refuse("attachInternal");
    }

    @Override
    public void attachUncappedInternal(String a0, AutoCloseable a1) {
        throw refuse("attachUncappedInternal");
    }

    @Override
    public void cap() {
        throw refuse("cap");
    }

    @Override
    public void close() {
        throw refuse("close");
    }

    @Override
    public NDArray create(Shape a0, DataType a1) {
        throw refuse("create");
    }

    @Override
    public NDArray create(String[] a0, Charset a1, Shape a2) {
        throw refuse("create");
    }

    @Override
    public NDArray createCSR(Buffer a0, long[] a1, long[] a2, Shape a3) {
        throw refuse("createCSR");
    }

    @Override
    public NDArray createCoo(Buffer a0, long[][] a1, Shape a2) {
        throw refuse("createCoo");
    }

    @Override
    public NDArray createRowSparse(Buffer a0, Shape a1, long[] a2, Shape a3) {
        throw refuse("createRowSparse");
    }

    @Override
    public Device defaultDevice() {
        throw refuse("defaultDevice");
    }

    @Override
    public void detachInternal(String a0) {
        throw refuse("detachInternal");
    }

    @Override
    public NDArray eye(int a0, int a1, int a2, DataType a3) {
        throw refuse("eye");
    }

    @Override
    public NDArray from(NDArray a0) {
        throw refuse("from");
    }

    @Override
    public NDArray full(Shape a0, float a1, DataType a2) {
        throw refuse("full");
    }

    @Override
    public Device getDevice() {
        throw refuse("getDevice");
    }

    @Override
    public Engine getEngine() {
        throw refuse("getEngine");
    }

    @Override
    public List<NDArray> getManagedArrays() {
        throw refuse("getManagedArrays");
    }

    @Override
    public String getName() {
        throw refuse("getName");
    }

    @Override
    public NDManager getParentManager() {
        throw refuse("getParentManager");
    }

    @Override
    public NDList invoke(String a0, NDList a1, PairList<String, ?> a2) {
        throw refuse("invoke");
    }

    @Override
    public void invoke(String a0, NDArray[] a1, NDArray[] a2, PairList<String, ?> a3) {
        throw refuse("invoke");
    }

    @Override
    public boolean isOpen() {
        throw refuse("isOpen");
    }

    @Override
    public NDArray linspace(float a0, float a1, int a2, boolean a3) {
        throw refuse("linspace");
    }

    @Override
    public NDList load(Path a0) {
        throw refuse("load");
    }

    @Override
    public NDManager newSubManager() {
        throw refuse("newSubManager");
    }

    @Override
    public NDManager newSubManager(Device a0) {
        throw refuse("newSubManager");
    }

    @Override
    public NDArray randomInteger(long a0, long a1, Shape a2, DataType a3) {
        throw refuse("randomInteger");
    }

    @Override
    public NDArray randomMultinomial(int a0, NDArray a1) {
        throw refuse("randomMultinomial");
    }

    @Override
    public NDArray randomMultinomial(int a0, NDArray a1, Shape a2) {
        throw refuse("randomMultinomial");
    }

    @Override
    public NDArray randomNormal(float a0, float a1, Shape a2, DataType a3) {
        throw refuse("randomNormal");
    }

    @Override
    public NDArray randomPermutation(long a0) {
        throw refuse("randomPermutation");
    }

    @Override
    public NDArray randomUniform(float a0, float a1, Shape a2, DataType a3) {
        throw refuse("randomUniform");
    }

    @Override
    public NDArray sampleGamma(NDArray a0, NDArray a1) {
        throw refuse("sampleGamma");
    }

    @Override
    public NDArray sampleGamma(NDArray a0, NDArray a1, Shape a2) {
        throw refuse("sampleGamma");
    }

    @Override
    public NDArray sampleNormal(NDArray a0, NDArray a1) {
        throw refuse("sampleNormal");
    }

    @Override
    public NDArray sampleNormal(NDArray a0, NDArray a1, Shape a2) {
        throw refuse("sampleNormal");
    }

    @Override
    public NDArray samplePoisson(NDArray a0) {
        throw refuse("samplePoisson");
    }

    @Override
    public NDArray samplePoisson(NDArray a0, Shape a1) {
        throw refuse("samplePoisson");
    }

    @Override
    public void setName(String a0) {
        throw refuse("setName");
    }

    @Override
    public void tempAttachInternal(NDManager a0, String a1, NDResource a2) {
        throw refuse("tempAttachInternal");
    }

    @Override
    public NDArray truncatedNormal(float a0, float a1, Shape a2, DataType a3) {
        throw refuse("truncatedNormal");
    }
}
