"""A peer of the training benchmark: a recipe's network, loss and optimiser in another framework.

Called as `peer.py NAME RECIPE`. Answers each line "N" on standard input with one line of JSON after N training steps. Batches are
made beforehand and stay in memory: a peer has no input pipeline, which is to its advantage.

Names: jax (jitted; recipe small takes the maximum by reshape, its fastest form here), jax-maxpool (jitted, its usual pooling), torch
(eager, channels last, the loss of pytorch-metric-learning). Recipes: small, resnet18.
"""

import json
import os
import sys
import time

import numpy as np

NAME, RECIPE = sys.argv[1:]
CLASSES, PER_CLASS, DIM = {"small": 24, "resnet18": 8}[RECIPE], 4, 128
SIZE, COLOURS = {"small": (28, 1), "resnet18": (64, 3)}[RECIPE]
WIDTHS = {"small": (32, 64, 128, 128), "resnet18": (64, 128, 256, 512)}[RECIPE]  # of blocks, or of stages of two blocks
BATCH = CLASSES * PER_CLASS
MARGIN, GAMMA = 0.4, 80
RATE, DECAY, BETA1, BETA2, EPSILON = 3e-3, 1e-4, 0.9, 0.999, 1e-8
RANDOM = np.random.default_rng(0)
INK = (RANDOM.random((8, BATCH, SIZE, SIZE, 1)) < 0.15).astype("float32")
IMAGES = np.repeat(INK, COLOURS, axis=4)  # eight batches of ink
LABELS = np.repeat(np.arange(CLASSES), PER_CLASS)
MEAN, DEVIATION = {  # by which a network brings its pixels to about 0 and 1
    "small": ([0.08], [0.2]),
    "resnet18": ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]),
}[RECIPE]


def jax_step():
    import jax
    import jax.numpy as jnp
    from jax import lax

    def maximum(x):
        batch, height, width, channels = x.shape
        if NAME == "jax-maxpool":
            return lax.reduce_window(x, -jnp.inf, lax.max, (1, 2, 2, 1), (1, 2, 2, 1), "VALID")
        x = x[:, : height // 2 * 2, : width // 2 * 2]
        return x.reshape(batch, height // 2, 2, width // 2, 2, channels).max((2, 4))

    def convolve(x, kernel, stride=1):
        edge = kernel.shape[0] // 2
        return lax.conv_general_dilated(x, kernel, (stride, stride), [(edge, edge)] * 2, dimension_numbers=("NHWC", "HWIO", "NHWC"))

    def small(blocks, x, layer):
        for parameters in blocks:
            x = maximum(jax.nn.relu(layer(parameters, x)))
        return x.reshape(len(x), -1)

    def resnet18(blocks, x, layer):
        x = jax.nn.relu(layer(blocks[0], x, 2))
        edges = ((0, 0), (1, 1), (1, 1), (0, 0))
        x = lax.reduce_window(x, -jnp.inf, lax.max, (1, 3, 3, 1), (1, 2, 2, 1), edges)
        for i, block in enumerate(blocks[1:]):
            stride = 2 if i in (2, 4, 6) else 1
            y = layer(block[1], jax.nn.relu(layer(block[0], x, stride)))
            x = jax.nn.relu(y + (layer(block[2], x, stride) if len(block) > 2 else x))
        return x.mean((1, 2))

    def embed(parameters, x):
        moments = []

        def layer(parameters, x, stride=1):
            kernel, scale, offset = parameters
            x = convolve(x, kernel, stride)
            mean, variance = x.mean((0, 1, 2)), x.var((0, 1, 2))
            moments.append((mean, variance))
            return (x - mean) * lax.rsqrt(variance + 1e-5) * scale + offset

        x = (x - jnp.asarray(MEAN)) / jnp.asarray(DEVIATION)
        x = {"small": small, "resnet18": resnet18}[RECIPE](parameters["blocks"], x, layer)
        return x @ parameters["dense"] + parameters["bias"], moments

    def circle(embeddings, labels):
        unit = embeddings / jnp.linalg.norm(embeddings, axis=1, keepdims=True)
        s = unit @ unit.T
        same = labels[:, None] == labels[None]
        positive, negative = same & ~jnp.eye(len(labels), dtype=bool), ~same
        alpha_p, alpha_n = (lax.stop_gradient(jnp.maximum(x, 0)) for x in (1 + MARGIN - s, s + MARGIN))
        logits_p = jnp.where(positive, -GAMMA * alpha_p * (s - 1 + MARGIN), -1e30)
        logits_n = jnp.where(negative, GAMMA * alpha_n * (s - MARGIN), -1e30)
        return jax.nn.softplus(jax.nn.logsumexp(logits_p, 1) + jax.nn.logsumexp(logits_n, 1)).mean()

    def objective(parameters, x, labels):
        embeddings, moments = embed(parameters, x)
        return circle(embeddings, labels), moments

    @jax.jit
    def step(parameters, first, second, running, t, x, labels):
        (loss, moments), gradient = jax.value_and_grad(objective, has_aux=True)(parameters, x, labels)
        first = jax.tree.map(lambda m, g: BETA1 * m + (1 - BETA1) * g, first, gradient)
        second = jax.tree.map(lambda v, g: BETA2 * v + (1 - BETA2) * g * g, second, gradient)
        running = jax.tree.map(lambda r, m: 0.9 * r + 0.1 * m, running, moments)

        def move(p, m, v):
            m, v = m / (1 - BETA1**t), v / (1 - BETA2**t)
            return p - RATE * (m / (jnp.sqrt(v) + EPSILON) + DECAY * p)

        return jax.tree.map(move, parameters, first, second), first, second, running, loss

    running = []

    def fresh(size, inputs, outputs):  # kernel, scale and offset, in the order in which a step has their moments
        running.append((jnp.zeros(outputs), jnp.ones(outputs)))
        kernel = RANDOM.uniform(-1, 1, (size, size, inputs, outputs)) / np.sqrt(size * size * inputs)
        return jnp.asarray(kernel, "float32"), jnp.ones(outputs), jnp.zeros(outputs)

    if RECIPE == "small":
        blocks = [fresh(3, inputs, outputs) for inputs, outputs in zip((COLOURS, *WIDTHS), WIDTHS)]
        flat = (SIZE // 16) ** 2 * WIDTHS[-1]
    else:
        blocks, inputs, flat = [fresh(7, COLOURS, WIDTHS[0])], WIDTHS[0], WIDTHS[-1]
        for outputs in WIDTHS:
            first = [fresh(3, inputs, outputs), fresh(3, outputs, outputs)]
            blocks.append(first + ([fresh(1, inputs, outputs)] if inputs != outputs else []))
            blocks.append([fresh(3, outputs, outputs), fresh(3, outputs, outputs)])
            inputs = outputs
    dense = jnp.asarray(RANDOM.uniform(-1, 1, (flat, DIM)) / np.sqrt(flat), "float32")
    parameters = {"blocks": blocks, "dense": dense, "bias": jnp.zeros(DIM)}
    zeros = jax.tree.map(jnp.zeros_like, parameters)
    state = [parameters, zeros, zeros, running, 0]
    batches, labels = [jnp.asarray(x) for x in IMAGES], jnp.asarray(LABELS)

    def one():
        state[4] += 1
        *state[:4], loss = step(*state[:4], float(state[4]), batches[state[4] % len(batches)], labels)
        return float(loss)

    return one, "jax " + jax.__version__, [x.shape for x in jax.tree.leaves((parameters, running))]


def torch_step():
    import pytorch_metric_learning
    import torch
    from pytorch_metric_learning.losses import CircleLoss
    from torch import nn

    def layer(inputs, outputs, size=3, stride=1):
        return [nn.Conv2d(inputs, outputs, size, stride, padding=size // 2, bias=False), nn.BatchNorm2d(outputs)]

    class Block(nn.Module):
        def __init__(self, inputs, outputs):
            super().__init__()
            stride = 1 if inputs == outputs else 2
            self.path = nn.Sequential(*layer(inputs, outputs, 3, stride), nn.ReLU(), *layer(outputs, outputs))
            self.beside = nn.Sequential(*layer(inputs, outputs, 1, stride) if stride == 2 else ())

        def forward(self, x):
            return torch.relu(self.path(x) + self.beside(x))

    modules, inputs = [], COLOURS
    if RECIPE == "small":
        for outputs in WIDTHS:
            modules += [*layer(inputs, outputs), nn.ReLU(), nn.MaxPool2d(2)]
            inputs = outputs
        flat = (SIZE // 16) ** 2 * inputs
    else:
        modules, inputs = [*layer(COLOURS, WIDTHS[0], 7, 2), nn.ReLU(), nn.MaxPool2d(3, 2, 1)], WIDTHS[0]
        for outputs in WIDTHS:
            modules += [Block(inputs, outputs), Block(outputs, outputs)]
            inputs = flat = outputs
        modules.append(nn.AdaptiveAvgPool2d(1))
    device = os.environ.get("UNIPAIR_TORCH_DEVICE", "cpu")
    network = nn.Sequential(*modules, nn.Flatten(), nn.Linear(flat, DIM)).to(device, memory_format=torch.channels_last)
    circle = CircleLoss(m=MARGIN, gamma=GAMMA)
    optimiser = torch.optim.AdamW(network.parameters(), lr=RATE, weight_decay=DECAY)
    batches = [torch.from_numpy(x).to(device).permute(0, 3, 1, 2) for x in IMAGES]  # channels last, as they lie
    mean, deviation = (torch.tensor(x, device=device).reshape(1, -1, 1, 1) for x in (MEAN, DEVIATION))
    labels, count = torch.from_numpy(LABELS).to(device), [0]

    def one():
        count[0] += 1
        loss = circle(network((batches[count[0] % len(batches)] - mean) / deviation), labels)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        return loss.item()

    def ours(t):  # the shape of a variable as Unipair has it: kernels [height, width, inputs, outputs], weights [inputs, outputs]
        return [*t.shape[2:], *reversed(t.shape[:2])]

    variables = [t for t in network.state_dict().values() if t.dim() > 0]
    version = f"torch {torch.__version__}, pytorch-metric-learning {pytorch_metric_learning.__version__}"
    return one, version, [ours(t) for t in variables]


def main():
    step, version, shapes = torch_step() if NAME == "torch" else jax_step()
    for line in sys.stdin:
        wall, cpu = time.perf_counter(), time.process_time()
        for _ in range(int(line)):
            loss = step()
        answer = {"seconds": time.perf_counter() - wall, "cpu": time.process_time() - cpu}
        print(json.dumps(answer | {"loss": loss, "version": version, "shapes": shapes}), flush=True)


main()
