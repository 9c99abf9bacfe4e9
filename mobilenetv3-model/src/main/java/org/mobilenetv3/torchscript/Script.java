package org.mobilenetv3.torchscript;

import ai.djl.Device;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValue;
import ai.djl.pytorch.jni.IValueUtils;
import ai.djl.pytorch.jni.JniUtils;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.mobilenetv3.runtime.Cuda;

/**
 * A TorchScript class compiled in memory whose lists of tensors are bound from Java, so that DJL's
 * arrays stay the only owners of their numbers.
 *
 * <p>Methods may be called from any thread; {@link #bind} must not run beside them.
 */
public final class Script implements AutoCloseable {

    /**
     * What DJL leaves libtorch's graph optimizer at. Our graphs are written as they should run, and
     * the optimizer loses gradients in them.
     */
    private static final boolean OPTIMIZES =
            !"false".equals(System.getProperty("ai.djl.pytorch.graph_optimizer"));

    private static final String BIND =
            """
              def bind_LIST(self: __torch__.Net, v: List[Tensor]) -> NoneType:
                self.LIST = v
                return None
            """;

    private final NDManager manager;
    private final PtSymbolBlock module;
    private boolean tf32;

    /** DJL takes a method's name from an array; the CPU's, for making one on a GPU waits for it. */
    private final NDManager cpu;

    private final Map<String, NDArray> names = new ConcurrentHashMap<>();

    /**
     * Compiles a class.
     *
     * @param parent the engine's manager on the device where the methods will compute
     * @param lists names of attributes of type {@code List[Tensor]}, empty at first
     * @param methods source of the methods, indented by two, each {@code self: __torch__.Net}; for
     *     every list there is a method {@code bind_NAME} already
     */
    public Script(NDManager parent, List<String> lists, String methods) {
        StringBuilder source = new StringBuilder("class Net(Module):\n");
        source.append("  __parameters__ = []\n  __buffers__ = []\n  training : bool\n");
        lists.forEach(l -> source.append("  ").append(l).append(" : List[Tensor]\n"));
        lists.forEach(l -> source.append(BIND.replace("LIST", l)));
        source.append(methods);
        Member.Module object = new Member.Module("Net");
        object.members().put("training", new Member.Flag(false));
        lists.forEach(l -> object.members().put(l, new Member.EmptyList()));
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        manager = parent.newSubManager();
        cpu = manager.newSubManager(Device.cpu());
        if (manager.getDevice().isGpu()) {
            Cuda.settle();
        }
        try {
            Archive.write(bytes, "net", source.toString(), object, Map.of());
            module =
                    JniUtils.loadModule(
                            (PtNDManager) manager,
                            new ByteArrayInputStream(bytes.toByteArray()),
                            true,
                            false);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Script(NDManager manager, PtSymbolBlock module) {
        this.manager = manager;
        this.module = module;
        cpu = manager.newSubManager(Device.cpu());
    }

    /** Lets a GPU round the inputs of convolutions and products to TF32. */
    void allowTf32() {
        tf32 = manager.getDevice().isGpu() && Cuda.settle().isEmpty();
    }

    /**
     * Opens a TorchScript file for inference.
     *
     * @param parent the engine's manager on the device where the methods will compute
     * @param file written by {@link TorchScriptWriter} or {@code torch.jit.save}
     * @return the module, in evaluation mode
     * @throws IOException if libtorch cannot read the file
     */
    public static Script open(NDManager parent, Path file) throws IOException {
        NDManager manager = parent.newSubManager();
        try {
            PtSymbolBlock module =
                    JniUtils.loadModule(
                            (PtNDManager) manager, file, true, new String[0], new String[0], false);
            JniUtils.enableInferenceMode(module);
            return new Script(manager, module);
        } catch (EngineException e) {
            manager.close();
            throw new IOException(
                    file + " cannot be opened: it is damaged or no TorchScript file.", e);
        }
    }

    /**
     * Sets a list attribute; the tensors are shared, not copied.
     *
     * @param list the attribute
     * @param arrays its elements, at least one
     */
    public void bind(String list, List<? extends NDArray> arrays) {
        try (IValue value = IValue.listFrom(arrays.toArray(PtNDArray[]::new))) {
            IValueUtils.runMethod(module, "bind_" + list, value).close();
        }
    }

    /**
     * Calls a method without arguments that returns a whole number.
     *
     * @param method its name
     * @return the number
     */
    public long ask(String method) {
        try (IValue result = IValueUtils.runMethod(module, method)) {
            return result.toLong();
        }
    }

    /**
     * Calls a method that may record gradients.
     *
     * @param method its name
     * @param arguments tensors, at least one; the manager of the first owns the results
     * @return the tensors that it returns, tuples and lists in one
     */
    public NDList call(String method, NDArray... arguments) {
        NDList inputs = new NDList(arguments);
        inputs.add(names.computeIfAbsent(method, this::name));
        begin();
        try {
            return IValueUtils.forward(module, inputs, true);
        } finally {
            end();
        }
    }

    private NDArray name(String method) {
        NDArray name = cpu.create(0f);
        name.setName("module_method:" + method);
        return name;
    }

    private void begin() {
        JniUtils.setGraphExecutorOptimize(false);
        if (tf32) {
            Cuda.allowTf32(true);
        }
    }

    private void end() {
        JniUtils.setGraphExecutorOptimize(OPTIMIZES);
        if (tf32) {
            Cuda.allowTf32(false);
        }
    }

    /**
     * Calls a method in PyTorch's inference mode, whatever the thread's mode.
     *
     * @param method its name
     * @param x its argument; its manager owns the result
     * @return the tensor that it returns
     */
    public NDArray infer(String method, NDArray x) {
        return inferAll(method, x).singletonOrThrow();
    }

    /**
     * Calls a method in PyTorch's inference mode, whatever the thread's mode.
     *
     * @param method its name
     * @param x its argument; its manager owns the results
     * @return the tensors that it returns
     */
    public NDList inferAll(String method, NDArray x) {
        begin();
        try (IValue argument = IValue.from((PtNDArray) x);
                IValue result = IValueUtils.runMethod(module, method, argument)) {
            return result.toNDList((PtNDManager) x.getManager());
        } finally {
            end();
        }
    }

    @Override
    public void close() {
        module.close();
        manager.close();
    }
}
