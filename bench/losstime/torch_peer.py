"""PyTorch and pytorch-metric-learning in the comparison of gradients: see peer.py.

Contenders: `usual`, the formula as one writes it, eager; `compiled`, the same under torch.compile; `library`, the loss of
pytorch-metric-learning.
"""

import math
import os

import pytorch_metric_learning
import torch
import torch.nn.functional as F
from pytorch_metric_learning import distances, losses, miners, reducers

from peer import answer

DEVICE = os.environ.get("UNIPAIR_TORCH_DEVICE", "cpu")


def circle(s, positive, negative):
    margin, gamma = 0.4, 80
    alpha_p, alpha_n = (1 + margin - s).detach().relu(), (s + margin).detach().relu()
    logits_p = torch.where(positive, -gamma * alpha_p * (s - 1 + margin), -math.inf)
    logits_n = torch.where(negative, gamma * alpha_n * (s - margin), -math.inf)
    return F.softplus(logits_p.logsumexp(1) + logits_n.logsumexp(1))


def multi_similarity(s, positive, negative):
    alpha, beta, base = 2, 50, 0.5
    logits_p = torch.where(positive, -alpha * (s - base), -math.inf)
    logits_n = torch.where(negative, beta * (s - base), -math.inf)
    return F.softplus(logits_p.logsumexp(1)) / alpha + F.softplus(logits_n.logsumexp(1)) / beta


def nt_xent(s, positive, negative):
    logits = s / 0.07
    negatives = torch.where(negative, logits, -math.inf).logsumexp(1, keepdim=True)
    terms = torch.where(positive, F.softplus(negatives - logits), 0)
    return terms.sum(1) / positive.sum(1)


def hardest(s, positive, negative):
    return torch.where(positive, s, math.inf).amin(1), torch.where(negative, s, -math.inf).amax(1)


def triplet_hard(s, positive, negative):
    far, near = hardest(s, positive, negative)
    return (near - far + 0.2).relu()


def distance(s):
    return (2 - 2 * s).clamp(min=1e-12).sqrt()


def triplet_hard_l2(s, positive, negative):
    far, near = hardest(s, positive, negative)
    return (distance(far) - distance(near) + 0.2).relu()


def contrastive_l2(s, positive, negative):
    apart = distance(s)
    mean = lambda terms, chosen: torch.where(chosen, terms.relu(), 0).sum(1) / chosen.sum(1)
    return mean(apart, positive) + mean(1.3 - apart, negative)


ROWS = {
    "circle": circle, "multi-similarity": multi_similarity, "nt-xent": nt_xent,
    "triplet-hard": triplet_hard, "triplet-hard-l2": triplet_hard_l2, "contrastive-l2": contrastive_l2,
}


def pairs(name):
    def value(embeddings, labels):
        unit = F.normalize(embeddings)
        same = labels[:, None] == labels[None]
        self = torch.eye(len(labels), dtype=torch.bool, device=DEVICE)
        return ROWS[name](unit @ unit.T, same & ~self, ~same).mean()

    return value


def am_softmax(embeddings, labels, weights):
    cosines = F.normalize(embeddings) @ F.normalize(weights).T
    own = F.one_hot(labels, len(weights)).bool()
    return F.cross_entropy(64 * torch.where(own, cosines - 0.35, cosines), labels)


def library(name, embeddings, labels, weights):
    mean = reducers.MeanReducer()
    if name == "am-softmax":
        loss = losses.CosFaceLoss(num_classes=len(weights), embedding_size=weights.shape[1], margin=0.35, scale=64).to(DEVICE)
        with torch.no_grad():
            loss.W.copy_(weights.T)
        return lambda: loss(embeddings, labels), loss.W
    if name.startswith("triplet-hard"):
        distance = distances.LpDistance() if name.endswith("l2") else distances.CosineSimilarity()
        loss = losses.TripletMarginLoss(margin=0.2, distance=distance, reducer=mean)
        miner = miners.BatchHardMiner(distance=distance)
        return lambda: loss(embeddings, labels, miner(embeddings, labels)), None
    loss = {
        "circle": lambda: losses.CircleLoss(m=0.4, gamma=80, reducer=mean),
        "multi-similarity": lambda: losses.MultiSimilarityLoss(alpha=2, beta=50, base=0.5, reducer=mean),
        "nt-xent": lambda: losses.NTXentLoss(temperature=0.07, reducer=mean),
        "contrastive-l2": lambda: losses.ContrastiveLoss(neg_margin=1.3, distance=distances.LpDistance(), reducer=mean),
    }[name.removesuffix("-mined")]()
    miner = miners.MultiSimilarityMiner(epsilon=0.1) if name.endswith("-mined") else lambda *_: None
    return lambda: loss(embeddings, labels, miner(embeddings, labels)), None


def make(contender, name, batch):
    embeddings, labels, weights = batch
    embeddings = embeddings.clone().requires_grad_()
    transposed = None
    if contender == "library":
        value, transposed = library(name, embeddings, labels, weights)
        learnt = [embeddings] if transposed is None else [embeddings, transposed]
    else:
        if weights is not None:
            weights = weights.clone().requires_grad_()
        inputs = (embeddings, labels) if weights is None else (embeddings, labels, weights)
        function = am_softmax if weights is not None else pairs(name)
        if contender == "compiled":
            torch._dynamo.reset()
            function = torch.compile(function, dynamic=False)
        value, learnt = lambda: function(*inputs), [x for x in (embeddings, weights) if x is not None]

    def step():
        for parameter in learnt:
            parameter.grad = None
        result = value()
        result.backward()
        return result.item(), [(p.grad.T if p is transposed else p.grad).cpu().numpy() for p in learnt]

    return step


def keep(embeddings, labels, weights):
    batch = torch.from_numpy(embeddings), torch.from_numpy(labels).long(), None if weights is None else torch.from_numpy(weights)
    return [None if x is None else x.to(DEVICE) for x in batch]


torch.ones(8, device=DEVICE) @ torch.ones(8, device=DEVICE)
answer(f"torch {torch.__version__}, pytorch-metric-learning {pytorch_metric_learning.__version__}", keep, make)
