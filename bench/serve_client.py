"""Asks a running server with Triton's own client and compares the logits with what predict says.

    ./mobilenetv3 serve --weights small=small.onnx &
    ./mobilenetv3 predict --weights small.onnx --logits photo.png --json > predict.json
    python bench/serve_client.py 127.0.0.1:8080 small photo.png predict.json

Needs tritonclient[http] and Pillow. The photograph's shorter side must be what the net resizes to
(256 for torchvision's nets at 224), and it must be a PNG or BMP, so that only the crop is left.
"""

import json
import sys

import numpy as np
import tritonclient.http as triton
from PIL import Image


def main(address, model, photograph, predicted):
    client = triton.InferenceServerClient(address)
    assert client.is_server_live() and client.is_server_ready() and client.is_model_ready(model)
    metadata = client.get_model_metadata(model)
    print(client.get_server_metadata())
    print(metadata)
    _, _, height, width = metadata["inputs"][0]["shape"]
    image = Image.open(photograph).convert("RGB")
    left, top = (image.width - width) // 2, (image.height - height) // 2
    image = image.crop((left, top, left + width, top + height))
    pixels = np.asarray(image).transpose(2, 0, 1)[None]
    expected = np.array(json.load(open(predicted))[0]["logits"], np.float32)
    for name, values in (
        ("input", pixels.astype(np.float32) / 255),
        ("pixels", pixels),
    ):
        for binary in (True, False):
            tensor = triton.InferInput(name, list(values.shape), "FP32" if name == "input" else "UINT8")
            tensor.set_data_from_numpy(np.ascontiguousarray(values), binary_data=binary)
            output = triton.InferRequestedOutput("logits", binary_data=binary)
            got = client.infer(model, [tensor], outputs=[output], request_id="1").as_numpy("logits")[0]
            off = np.abs(got - expected).max() / np.abs(expected).max()
            print(f"{name:6} {'binary' if binary else 'JSON':6} off by {off:.1e} of the largest logit")
            assert off < 1e-5
    try:
        client.infer("nosuch", [tensor])
    except triton.InferenceServerException as e:
        print("an error, as the client shows it:", e)


if __name__ == "__main__":
    main(*sys.argv[1:])
