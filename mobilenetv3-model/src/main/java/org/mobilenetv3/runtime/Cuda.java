package org.mobilenetv3.runtime;

import ai.djl.pytorch.jni.LibUtils;
import ai.djl.util.cuda.CudaUtils;
import com.sun.jna.Function;
import com.sun.jna.Library;
import com.sun.jna.Memory;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Platform;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.PointerByReference;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.mobilenetv3.runtime.RuntimeReport.Line;

/**
 * NVIDIA GPUs, as far as DJL does not pass on what libtorch and CUDA can do: switches for TF32 and
 * for kernels that repeat bit for bit, events to wait for, and facts for {@code doctor}. Through
 * JNA, on symbols that libtorch 2.7 to 2.11 and CUDA 12 and 13 export.
 */
public final class Cuda {

    /** RTLD_LAZY without RTLD_GLOBAL: the libraries are loaded already and stay as visible. */
    private static final Map<String, Object> OPTIONS = Map.of(Library.OPTION_OPEN_FLAGS, 1);

    private static final int DISABLE_TIMING = 2;
    private static final int TEXT = 96;

    private Cuda() {}

    /**
     * Lets float32 convolutions and matrix products round their inputs to TF32 (10 bits after the
     * point), or forbids it. libtorch's own default allows it in convolutions; ours forbids it. The
     * switch is the process's.
     *
     * @param allowed whether to
     */
    public static void allowTf32(boolean allowed) {
        set("_ZN2at7Context17setAllowTF32CuDNNEb", allowed);
        set("_ZN2at7Context18setAllowTF32CuBLASEb", allowed);
    }

    /** What is set once in a process. */
    private static final class Settings {
        static final Optional<String> PROBLEM = settle();

        private static Optional<String> settle() {
            try {
                allowTf32(false);
                set("_ZN2at7Context21setDeterministicCuDNNEb", true);
                return Optional.empty();
            } catch (LinkageError e) {
                return Optional.of(String.valueOf(e.getMessage()));
            }
        }
    }

    /**
     * Forbids TF32 and keeps cuDNN to algorithms that give the same bits each time, at the first
     * call in a process.
     *
     * @return why libtorch's own settings still hold, if they do
     */
    public static Optional<String> settle() {
        return Settings.PROBLEM;
    }

    private static void set(String setter, boolean value) {
        NativeLibrary torch = library("torch_cpu");
        Pointer context = torch.getFunction("_ZN2at13globalContextEv").invokePointer(null);
        torch.getFunction(setter).invokeVoid(new Object[] {context, value ? 1 : 0});
    }

    /**
     * Opens one of libtorch's libraries, which the engine has loaded.
     *
     * @param name for instance {@code torch_cuda}
     * @return the library
     * @throws UnsatisfiedLinkError if libtorch has no such part
     */
    public static NativeLibrary library(String name) {
        String file = System.mapLibraryName(name);
        return NativeLibrary.getInstance(
                Path.of(LibUtils.getLibtorchPath(), file).toString(), OPTIONS);
    }

    /** A place in the default stream of a GPU's work, for the CPU to wait for. */
    public static final class Event implements AutoCloseable {

        private final int device;
        private final Pointer event;

        /**
         * Makes an event that nothing leads to yet.
         *
         * @param device number of the GPU
         */
        public Event(int device) {
            this.device = device;
            select();
            PointerByReference made = new PointerByReference();
            call("cudaEventCreateWithFlags", made, DISABLE_TIMING);
            event = made.getValue();
        }

        /** Marks the end of what has been given to the GPU so far. */
        public void record() {
            select();
            call("cudaEventRecord", event, Pointer.NULL);
        }

        /** Waits until the GPU has come to the mark. */
        public void await() {
            call("cudaEventSynchronize", event);
        }

        private void select() {
            call("cudaSetDevice", device);
        }

        @Override
        public void close() {
            call("cudaEventDestroy", event);
        }
    }

    private static void call(String function, Object... arguments) {
        int error = Loaded.CUDART.getFunction(function).invokeInt(arguments);
        if (error != 0) {
            Function text = Loaded.CUDART.getFunction("cudaGetErrorString");
            throw new IllegalStateException(
                    "CUDA reports '%s' in %s."
                            .formatted(text.invokeString(new Object[] {error}, false), function));
        }
    }

    /** The CUDA runtime that libtorch has loaded, found when first needed. */
    private static final class Loaded {
        static final NativeLibrary CUDART =
                loaded("libcudart").orElseGet(() -> NativeLibrary.getInstance("cudart", OPTIONS));
    }

    /** Finds a library in this process; on Linux only. */
    private static Optional<NativeLibrary> loaded(String name) {
        try (Stream<String> maps =
                Files.lines(Path.of("/proc/self/maps"), StandardCharsets.ISO_8859_1)) {
            return maps.filter(line -> line.contains("/" + name))
                    .map(line -> line.substring(line.indexOf('/')))
                    .findFirst()
                    .map(path -> NativeLibrary.getInstance(path, OPTIONS));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /**
     * Tells DJL where CUDA's runtime lies if the user's libtorch is a Python package: DJL counts
     * GPUs with it, and finds none where the system does not know it.
     */
    static void findRuntime(String libtorch) {
        for (String folder : libtorch.split(File.pathSeparator, -1)) {
            for (String place :
                    List.of("", "../../nvidia/cu13/lib", "../../nvidia/cuda_runtime/lib")) {
                Path path = Path.of(folder).resolve(place).normalize();
                if (Files.isDirectory(path)) {
                    NativeLibrary.addSearchPath("cudart", path.toString());
                }
            }
        }
    }

    /** Describes the GPUs and what drives them. */
    static List<Line> lines(int gpus) {
        List<Line> lines = new ArrayList<>();
        for (int i = 0; i < gpus; i++) {
            int gpu = i;
            String capability = fact(() -> CudaUtils.getComputeCapability(gpu));
            lines.add(
                    new Line("gpu" + i, fact(() -> name(gpu)), "compute capability " + capability));
        }
        lines.add(new Line("NVIDIA driver", fact(() -> nvml("nvmlSystemGetDriverVersion")), ""));
        lines.add(new Line("CUDA", fact(() -> dotted(CudaUtils.getCudaVersion(), 1000, 10)), ""));
        lines.add(new Line("cuDNN", fact(Cuda::cudnn), ""));
        return lines;
    }

    private interface Fact {
        String ask();
    }

    /** A report tells what can be found out; the rest is not worth failing for. */
    private static String fact(Fact fact) {
        try {
            return fact.ask();
        } catch (LinkageError | RuntimeException e) {
            return "unknown";
        }
    }

    private static String cudnn() {
        NativeLibrary library = loaded("libcudnn.so").orElseThrow();
        long version = library.getFunction("cudnnGetVersion").invokeLong(null);
        return dotted(Math.toIntExact(version), 10_000, 100);
    }

    private static String dotted(int version, int major, int minor) {
        return version / major + "." + version % major / minor;
    }

    private static String name(int gpu) {
        Memory bus = new Memory(TEXT);
        call("cudaDeviceGetPCIBusId", bus, TEXT, gpu);
        PointerByReference handle = new PointerByReference();
        nvml("nvmlInit_v2", new Object[0]);
        nvml("nvmlDeviceGetHandleByPciBusId_v2", bus, handle);
        Memory name = new Memory(TEXT);
        nvml("nvmlDeviceGetName", handle.getValue(), name, TEXT);
        Memory memory = new Memory(3L * Long.BYTES);
        nvml("nvmlDeviceGetMemoryInfo", handle.getValue(), memory);
        return String.format(
                Locale.ROOT, "%s, %.0f GiB", name.getString(0), memory.getLong(0) / 0x1p30);
    }

    private static String nvml(String question) {
        nvml("nvmlInit_v2", new Object[0]);
        Memory answer = new Memory(TEXT);
        nvml(question, answer, TEXT);
        return answer.getString(0);
    }

    private static void nvml(String function, Object... arguments) {
        // It comes with the driver, under this name.
        String library = Platform.isWindows() ? "nvml" : "libnvidia-ml.so.1";
        int error =
                NativeLibrary.getInstance(library, OPTIONS)
                        .getFunction(function)
                        .invokeInt(arguments);
        if (error != 0) {
            throw new IllegalStateException(function + " gave " + error);
        }
    }
}
