"""JAX in the comparison of gradients: see peer.py.

Contenders: `usual`, the formula as one writes it, jitted; `blocks`, the same in blocks of rows that are computed twice, for
memory (lax.map and checkpoint); `same`, the algorithm that pkg/losses has, in jax.numpy; `products`, the matrix products alone.
"""

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from closed_form import closed_form
from peer import answer

NONE = -1e30


def normalize(x):
    return x / jnp.linalg.norm(x, axis=1, keepdims=True)


def circle(s, positive, negative):
    margin, gamma = 0.4, 80
    alpha_p, alpha_n = (lax.stop_gradient(jnp.maximum(x, 0)) for x in (1 + margin - s, s + margin))
    logits_p = jnp.where(positive, -gamma * alpha_p * (s - 1 + margin), NONE)
    logits_n = jnp.where(negative, gamma * alpha_n * (s - margin), NONE)
    return jax.nn.softplus(jax.nn.logsumexp(logits_p, 1) + jax.nn.logsumexp(logits_n, 1))


def multi_similarity(s, positive, negative):
    alpha, beta, base = 2, 50, 0.5
    logits_p = jnp.where(positive, -alpha * (s - base), NONE)
    logits_n = jnp.where(negative, beta * (s - base), NONE)
    return jax.nn.softplus(jax.nn.logsumexp(logits_p, 1)) / alpha + jax.nn.softplus(jax.nn.logsumexp(logits_n, 1)) / beta


def multi_similarity_mined(s, positive, negative):
    far, near = (lax.stop_gradient(x)[:, None] for x in hardest(s, positive, negative))
    return multi_similarity(s, positive & (s - 0.1 < near), negative & (s + 0.1 > far))


def nt_xent(s, positive, negative):
    logits = s / 0.07
    negatives = jax.nn.logsumexp(jnp.where(negative, logits, NONE), 1, keepdims=True)
    terms = jnp.where(positive, jax.nn.softplus(negatives - logits), 0)
    return terms.sum(1) / positive.sum(1)


def hardest(s, positive, negative):
    return jnp.where(positive, s, jnp.inf).min(1), jnp.where(negative, s, -jnp.inf).max(1)


def triplet_hard(s, positive, negative):
    far, near = hardest(s, positive, negative)
    return jnp.maximum(near - far + 0.2, 0)


def distance(s):
    return jnp.sqrt(jnp.maximum(2 - 2 * s, 1e-12))


def triplet_hard_l2(s, positive, negative):
    far, near = hardest(s, positive, negative)
    return jnp.maximum(distance(far) - distance(near) + 0.2, 0)


def contrastive_l2(s, positive, negative):
    apart = distance(s)
    mean = lambda terms, chosen: jnp.where(chosen, jnp.maximum(terms, 0), 0).sum(1) / chosen.sum(1)
    return mean(apart, positive) + mean(1.3 - apart, negative)


ROWS = {
    "circle": circle, "multi-similarity": multi_similarity, "nt-xent": nt_xent,
    "multi-similarity-mined": multi_similarity_mined,
    "triplet-hard": triplet_hard, "triplet-hard-l2": triplet_hard_l2, "contrastive-l2": contrastive_l2,
}


def rows_of(loss, anchors, own, numbers, unit, labels):
    """The loss of some anchors against all."""
    same = own[:, None] == labels[None]
    self = numbers[:, None] == jnp.arange(len(labels))[None]
    return loss(anchors @ unit.T, same & ~self, ~same)


def usual(name):
    def value(embeddings, labels):
        unit = normalize(embeddings)
        return rows_of(ROWS[name], unit, labels, jnp.arange(len(labels)), unit, labels).mean()

    return value


def blocks(name):
    def value(embeddings, labels):
        unit, n = normalize(embeddings), len(labels)
        size = min(512 if n <= 16384 else 256, n)

        @jax.checkpoint
        def block(start):
            part = lambda x: lax.dynamic_slice_in_dim(x, start, size)
            return rows_of(ROWS[name], part(unit), part(labels), start + jnp.arange(size), unit, labels).sum()

        return lax.map(block, jnp.arange(0, n, size)).sum() / n

    return value


def am_softmax(embeddings, labels, weights):
    cosines = normalize(embeddings) @ normalize(weights).T
    own = labels[:, None] == jnp.arange(len(weights))[None]
    logits = 64 * jnp.where(own, cosines - 0.35, cosines)
    return (jax.nn.logsumexp(logits, 1) - jnp.take_along_axis(logits, labels[:, None], 1)[:, 0]).mean()


def products(embeddings, weights):
    similarity = embeddings @ (embeddings if weights is None else weights).T
    if weights is None:
        return 0, similarity @ embeddings
    return 0, (similarity @ weights, similarity.T @ embeddings)


def make(contender, loss, batch):
    embeddings, labels, weights = batch
    if contender == "products":
        run, inputs = jax.jit(products), (embeddings, weights)
    elif loss == "am-softmax":
        run = jax.jit(jax.value_and_grad(lambda e, w: am_softmax(e, labels, w), (0, 1)))
        inputs = embeddings, weights
    else:
        if contender == "same":
            function = closed_form(loss, len(labels))
        else:
            function = jax.value_and_grad({"usual": usual, "blocks": blocks}[contender](loss))
        run, inputs = jax.jit(function), (embeddings, labels)

    def step():
        value, gradients = run(*inputs)
        gradients = gradients if isinstance(gradients, tuple) else (gradients,)
        return float(value), [np.asarray(jax.block_until_ready(g)) for g in gradients]

    return step


def keep(embeddings, labels, weights):
    return jax.block_until_ready([None if x is None else jnp.asarray(x) for x in (embeddings, labels, weights)])


jax.block_until_ready(jnp.ones(8) @ jnp.ones(8))
answer("jax " + jax.__version__, keep, make)
