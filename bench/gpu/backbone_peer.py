"""A network that bench/gpu has described, in JAX or PyTorch: `backbone_peer.py jax|torch FOLDER` answers lines of JSON.

{"op": "make", "images": FILE, "count": n, "embeddings": FILE}    keeps images on the device, and writes their embeddings: {}
{"op": "time", "runs": n}                                         what one of so many runs takes: {"wall", "cpu"} in seconds
"""

import json
import os
import sys
import time

import numpy as np

NAME, FOLDER = sys.argv[1:]
NETWORK = json.load(open(os.path.join(FOLDER, "network.json")))
WEIGHTS = np.fromfile(os.path.join(FOLDER, "network.bin"), "<f4")


def weight(array):
    size = int(np.prod(array["dims"])) if array["dims"] else 1
    return WEIGHTS[array["begin"] : array["begin"] + size].reshape(array["dims"] or ())


FLOATS = {name: weight(array) for name, array in NETWORK["floats"].items()}
NUMBERS = {name: number["values"] for name, number in NETWORK["numbers"].items()}


def through(operations, weights, images):
    """What the network makes of images."""
    values = {**weights, NETWORK["input"]: images}
    for node in NETWORK["nodes"]:
        if node["op"] not in operations:
            raise NotImplementedError("no " + node["op"] + " here")
        inputs = [NUMBERS[name] if name in NUMBERS else values.get(name) for name in node["inputs"]]
        values[node["outputs"][0]] = operations[node["op"]](node["attributes"], *inputs)
    return values[NETWORK["output"]]


def sides(attributes):
    """The padding, as (before, after) of each axis."""
    if attributes.get("auto_pad", "NOTSET") not in ("NOTSET", ""):
        raise NotImplementedError("no padding " + attributes["auto_pad"] + " here")
    pads = attributes.get("pads", [0, 0, 0, 0])
    return [(pads[i], pads[i + 2]) for i in range(2)]


def jax_network():
    import jax
    import jax.numpy as jnp

    def convolution(attributes, x, kernel, bias=None):
        y = jax.lax.conv_general_dilated(
            x, kernel, attributes.get("strides", [1, 1]), sides(attributes), rhs_dilation=attributes.get("dilations", [1, 1]),
            dimension_numbers=("NCHW", "OIHW", "NCHW"), feature_group_count=attributes.get("group", 1),
        )
        return y if bias is None else y + bias[:, None, None]

    operations = {
        "Add": lambda _, a, b: a + b, "Sub": lambda _, a, b: a - b, "Mul": lambda _, a, b: a * b, "Div": lambda _, a, b: a / b,
        "Transpose": lambda attributes, x: x.transpose(attributes["perm"]), "Conv": convolution,
        "Clip": lambda _, x, low, high: jnp.clip(x, low, high), "Relu": lambda _, x: jax.nn.relu(x),
        "ReduceMean": lambda attributes, x, axes: x.mean(tuple(axes), keepdims=bool(attributes.get("keepdims", 1))),
        "GlobalAveragePool": lambda _, x: x.mean((2, 3), keepdims=True), "Flatten": lambda _, x: x.reshape(len(x), -1),
    }
    weights = {name: jnp.asarray(x) for name, x in FLOATS.items()}
    run = jax.jit(lambda weights, images: through(operations, weights, images))
    return jnp.asarray, lambda images: np.asarray(jax.block_until_ready(run(weights, images)))


def torch_network():
    import torch
    import torch.nn.functional as F

    torch.backends.cudnn.allow_tf32 = torch.backends.cuda.matmul.allow_tf32 = False
    device = os.environ.get("UNIPAIR_TORCH_DEVICE", "cpu")

    def convolution(attributes, x, kernel, bias=None):
        (top, bottom), (left, right) = sides(attributes)
        if (top, left) != (bottom, right):
            x, top, left = F.pad(x, (left, right, top, bottom)), 0, 0
        return F.conv2d(x, kernel, bias, attributes.get("strides", 1), (top, left), attributes.get("dilations", 1), attributes.get("group", 1))

    operations = {
        "Add": lambda _, a, b: a + b, "Sub": lambda _, a, b: a - b, "Mul": lambda _, a, b: a * b, "Div": lambda _, a, b: a / b,
        "Transpose": lambda attributes, x: x.permute(attributes["perm"]), "Conv": convolution,
        "Clip": lambda _, x, low, high: x.clamp(low, high), "Relu": lambda _, x: x.relu(),
        "ReduceMean": lambda attributes, x, axes: x.mean(tuple(axes), keepdim=bool(attributes.get("keepdims", 1))),
        "GlobalAveragePool": lambda _, x: x.mean((2, 3), keepdim=True), "Flatten": lambda _, x: x.flatten(1),
    }
    weights = {name: torch.from_numpy(x.copy()).to(device) for name, x in FLOATS.items()}

    def run(images):
        with torch.inference_mode():
            return through(operations, weights, images).cpu().numpy()

    return lambda images: torch.from_numpy(images).to(device), run


def main():
    keep, run = {"jax": jax_network, "torch": torch_network}[NAME]()
    images = None

    def make(request):
        nonlocal images
        side = NETWORK["size"]
        images = keep(np.fromfile(request["images"], "<f4").reshape(request["count"], side, side, -1))
        np.ascontiguousarray(run(images), "<f4").tofile(request["embeddings"])
        return {}

    def timed(request):
        wall, cpu = time.perf_counter(), time.process_time()
        for _ in range(request["runs"]):
            run(images)
        return {"wall": (time.perf_counter() - wall) / request["runs"], "cpu": (time.process_time() - cpu) / request["runs"]}

    for line in sys.stdin:
        request = json.loads(line)
        try:
            result = {"make": make, "time": timed}[request["op"]](request)
        except Exception as failure:
            result = {"error": f"{type(failure).__name__}: {failure}"[:200]}
        print(json.dumps(result), flush=True)


main()
