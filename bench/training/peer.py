"""A peer of the training benchmark: the network, the loss and the optimiser of recipe R28 in another framework.

Called as `peer.py NAME`. Answers each line "N" on standard input with one line of JSON after N training steps. Batches are made
beforehand and stay in memory: a peer has no input pipeline, which is to its advantage.

Names: jax (jitted, maximum by reshape, its fastest form here), jax-maxpool (jitted, its usual pooling), torch (eager, channels
last, the loss of pytorch-metric-learning).
"""

import json
import os
import sys
import time

import numpy as np

CLASSES, PER_CLASS, SIZE, DIM, CHANNELS = 24, 4, 28, 128, (32, 64, 128, 128)
BATCH = CLASSES * PER_CLASS
MARGIN, GAMMA = 0.4, 80
RATE, DECAY, BETA1, BETA2, EPSILON = 3e-3, 1e-4, 0.9, 0.999, 1e-8
RANDOM = np.random.default_rng(0)
IMAGES = (RANDOM.random((8, BATCH, SIZE, SIZE)) < 0.15).astype("float32")  # eight batches of ink
LABELS = np.repeat(np.arange(CLASSES), PER_CLASS)


def jax_step(pool_by_window):
    import jax
    import jax.numpy as jnp
    from jax import lax

    def maximum(x):
        batch, height, width, channels = x.shape
        if pool_by_window:
            return lax.reduce_window(x, -jnp.inf, lax.max, (1, 2, 2, 1), (1, 2, 2, 1), "VALID")
        x = x[:, : height // 2 * 2, : width // 2 * 2]
        return x.reshape(batch, height // 2, 2, width // 2, 2, channels).max((2, 4))

    def embed(parameters, x):
        x = (x - 0.08) / 0.2
        moments = []
        for kernel, scale, offset in parameters["blocks"]:
            x = lax.conv_general_dilated(x, kernel, (1, 1), "SAME", dimension_numbers=("NHWC", "HWIO", "NHWC"))
            mean, variance = x.mean((0, 1, 2)), x.var((0, 1, 2))
            moments.append((mean, variance))
            x = maximum(jax.nn.relu((x - mean) * lax.rsqrt(variance + 1e-5) * scale + offset))
        return x.reshape(len(x), -1) @ parameters["dense"] + parameters["bias"], moments

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

    blocks, inputs = [], 1
    for channels in CHANNELS:
        kernel = RANDOM.uniform(-1, 1, (3, 3, inputs, channels)) / np.sqrt(9 * inputs)
        blocks.append((jnp.asarray(kernel, "float32"), jnp.ones(channels), jnp.zeros(channels)))
        inputs = channels
    flat = (SIZE // 16) ** 2 * CHANNELS[-1]
    dense = jnp.asarray(RANDOM.uniform(-1, 1, (flat, DIM)) / np.sqrt(flat), "float32")
    parameters = {"blocks": blocks, "dense": dense, "bias": jnp.zeros(DIM)}
    zeros = jax.tree.map(jnp.zeros_like, parameters)
    state = [parameters, zeros, zeros, [(jnp.zeros(c), jnp.ones(c)) for c in CHANNELS], 0]
    batches, labels = [jnp.asarray(x[..., None]) for x in IMAGES], jnp.asarray(LABELS)

    def one():
        state[4] += 1
        *state[:4], loss = step(*state[:4], float(state[4]), batches[state[4] % len(batches)], labels)
        return float(loss)

    return one, "jax " + jax.__version__


def torch_step():
    import pytorch_metric_learning
    import torch
    from pytorch_metric_learning.losses import CircleLoss
    from torch import nn

    modules, inputs = [], 1
    for channels in CHANNELS:
        modules += [nn.Conv2d(inputs, channels, 3, padding=1, bias=False), nn.BatchNorm2d(channels), nn.ReLU(), nn.MaxPool2d(2)]
        inputs = channels
    network = nn.Sequential(*modules, nn.Flatten(), nn.Linear((SIZE // 16) ** 2 * inputs, DIM))
    device = os.environ.get("UNIPAIR_TORCH_DEVICE", "cpu")
    network = network.to(device, memory_format=torch.channels_last)
    circle = CircleLoss(m=MARGIN, gamma=GAMMA)
    optimiser = torch.optim.AdamW(network.parameters(), lr=RATE, weight_decay=DECAY)
    batches = [torch.from_numpy(x[:, None]).to(device).contiguous(memory_format=torch.channels_last) for x in IMAGES]
    labels, count = torch.from_numpy(LABELS).to(device), [0]

    def one():
        count[0] += 1
        loss = circle(network((batches[count[0] % len(batches)] - 0.08) / 0.2), labels)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        return loss.item()

    return one, f"torch {torch.__version__}, pytorch-metric-learning {pytorch_metric_learning.__version__}"


def main():
    name = sys.argv[1]
    step, version = torch_step() if name == "torch" else jax_step(name == "jax-maxpool")
    for line in sys.stdin:
        wall, cpu = time.perf_counter(), time.process_time()
        for _ in range(int(line)):
            loss = step()
        answer = {"seconds": time.perf_counter() - wall, "cpu": time.process_time() - cpu, "loss": loss, "version": version}
        print(json.dumps(answer), flush=True)


main()
