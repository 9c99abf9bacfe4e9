"""MobileNetV3Transformer for PySpark. The jar that holds this file is imported as it is:

    spark-submit --jars JARS --py-files mobilenetv3-spark-VERSION.jar program.py
"""

import sys
import types

from pyspark import keyword_only
from pyspark.ml.param import Param, Params, TypeConverters
from pyspark.ml.param.shared import HasInputCol, HasOutputCol
from pyspark.ml.util import JavaMLReadable, JavaMLReader, JavaMLWritable
from pyspark.ml.wrapper import JavaTransformer

_CLASS = "org.mobilenetv3.spark.MobileNetV3Transformer"


class _Reader(JavaMLReader):
    @classmethod
    def _java_loader_class(cls, clazz):
        return _CLASS


class MobileNetV3Transformer(
    JavaTransformer, HasInputCol, HasOutputCol, JavaMLReadable, JavaMLWritable
):
    """Classifies images: adds a column with a struct of label, probability, topK, perhaps
    embedding, and error. The parameters are those of the Java class of the same name."""

    weights = Param(
        Params._dummy(),
        "weights",
        "a model package, a file of weights or an exported file, on the driver; or a published name",
        TypeConverters.toString,
    )
    topK = Param(Params._dummy(), "topK", "classes of an answer", TypeConverters.toInt)
    batchSize = Param(
        Params._dummy(), "batchSize", "images computed together", TypeConverters.toInt
    )
    engine = Param(
        Params._dummy(), "engine", "vector, onnxruntime, torch or auto", TypeConverters.toString
    )
    embedding = Param(
        Params._dummy(),
        "embedding",
        "whether answers hold what the last layer reads",
        TypeConverters.toBoolean,
    )

    @keyword_only
    def __init__(
        self,
        *,
        weights=None,
        inputCol="content",
        outputCol="prediction",
        topK=3,
        batchSize=32,
        engine="auto",
        embedding=False,
    ):
        super().__init__()
        self._java_obj = self._new_java_obj(_CLASS, self.uid)
        self._setDefault(
            inputCol="content",
            outputCol="prediction",
            topK=3,
            batchSize=32,
            engine="auto",
            embedding=False,
        )
        self._set(**self._input_kwargs)

    def setParams(self, **values):
        return self._set(**values)

    def setWeights(self, value):
        return self._set(weights=value)

    def setInputCol(self, value):
        return self._set(inputCol=value)

    def setOutputCol(self, value):
        return self._set(outputCol=value)

    def setTopK(self, value):
        return self._set(topK=value)

    def setBatchSize(self, value):
        return self._set(batchSize=value)

    def setEngine(self, value):
        return self._set(engine=value)

    def setEmbedding(self, value):
        return self._set(embedding=value)

    @classmethod
    def read(cls):
        return _Reader(cls)


# PySpark makes the stages of a loaded pipeline by the names of their Java classes.
_parts = _CLASS.split(".")[:-1]
for _i in range(1, len(_parts) + 1):
    _name = ".".join(_parts[:_i])
    _module = sys.modules.setdefault(_name, types.ModuleType(_name))
    if _i > 1:
        setattr(sys.modules[".".join(_parts[: _i - 1])], _parts[_i - 1], _module)
sys.modules[".".join(_parts)].MobileNetV3Transformer = MobileNetV3Transformer
