# Makes resnet.json, what pkg/train's residual networks are compared with: python3 gen_resnet.py, with numpy installed. A plain
# numpy forward pass in float64, channels first as in PyTorch, written from torchvision's description of the network.
# Weights and images are made by formulas that the Go test repeats.
import json
import numpy as np


def wave(name, n):
    seed = sum((i + 1) * ord(c) for i, c in enumerate(name)) % 997
    i = np.arange(n, dtype=np.int64)
    return np.sin(0.001 * ((i * i + 31 * i + seed) % 6283))


def tensor(name, shape):
    w = wave(name, int(np.prod(shape))).reshape(shape)
    if len(shape) == 4:
        return (w * np.sqrt(2.0 / (shape[1] * shape[2] * shape[3]))).astype(np.float32).astype(np.float64)
    base = {"weight": 0.5, "bias": 0.0, "running_mean": 0.0, "running_var": 1.0}[name.rsplit(".", 1)[1]]
    return (base + 0.1 * w).astype(np.float32).astype(np.float64)


def conv(x, name, cin, cout, k, stride):
    w = tensor(name + ".weight", (cout, cin, k, k))
    p = k // 2
    x = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))
    h, v = (x.shape[2] - k) // stride + 1, (x.shape[3] - k) // stride + 1
    out = np.zeros((x.shape[0], cout, h, v))
    for i in range(k):
        for j in range(k):
            out += np.einsum("nchw,oc->nohw", x[:, :, i:i + stride * (h - 1) + 1:stride, j:j + stride * (v - 1) + 1:stride], w[:, :, i, j])
    return out


def bn(x, name):
    c = x.shape[1]
    g, b, m, v = (tensor(f"{name}.{part}", (c,))[None, :, None, None] for part in ("weight", "bias", "running_mean", "running_var"))
    return (x - m) / np.sqrt(v + 1e-5) * g + b


def relu(x):
    return np.maximum(x, 0)


def pool(x):
    x = np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)), constant_values=-np.inf)
    h, v = (x.shape[2] - 3) // 2 + 1, (x.shape[3] - 3) // 2 + 1
    return np.max([x[:, :, i:i + 2 * h - 1:2, j:j + 2 * v - 1:2] for i in range(3) for j in range(3)], axis=0)


def resnet(x, depths, bottleneck):
    x = (x - np.array([0.485, 0.456, 0.406])[None, :, None, None]) / np.array([0.229, 0.224, 0.225])[None, :, None, None]
    x = pool(relu(bn(conv(x, "conv1", 3, 64, 7, 2), "bn1")))
    cin = 64
    for stage, depth in enumerate(depths):
        width = 64 * 2**stage
        cout = width * (4 if bottleneck else 1)
        for block in range(depth):
            n = f"layer{stage + 1}.{block}."
            stride = 2 if stage > 0 and block == 0 else 1
            if bottleneck:
                y = relu(bn(conv(x, n + "conv1", cin, width, 1, 1), n + "bn1"))
                y = relu(bn(conv(y, n + "conv2", width, width, 3, stride), n + "bn2"))
                y = bn(conv(y, n + "conv3", width, cout, 1, 1), n + "bn3")
            else:
                y = relu(bn(conv(x, n + "conv1", cin, width, 3, stride), n + "bn1"))
                y = bn(conv(y, n + "conv2", width, width, 3, 1), n + "bn2")
            if stride != 1 or cin != cout:
                x = bn(conv(x, n + "downsample.0", cin, cout, 1, stride), n + "downsample.1")
            x, cin = relu(x + y), cout
    return x.mean((2, 3))


size = 40
images = (0.5 + 0.5 * wave("images", 2 * size * size * 3)).reshape(2, size, size, 3).astype(np.float32).astype(np.float64)
out = {"about": "numpy " + np.__version__ + ", made by gen_resnet.py", "size": size}
for name, depths, bottleneck in [("resnet18", [2, 2, 2, 2], False), ("resnet50", [3, 4, 6, 3], True)]:
    features = resnet(images.transpose(0, 3, 1, 2), depths, bottleneck)
    out[name] = {"first": features[:, :24].tolist(), "sum": features.sum(1).tolist(), "width": features.shape[1]}
json.dump(out, open("resnet.json", "w"))
