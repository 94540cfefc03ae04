"""pytorch-metric-learning in the comparison of losses: answers lines of JSON.

{"op": "batch", "embeddings": [[…]], "labels": […], "weights": [[…]]}   keeps a batch, in float32
{"op": "value", "loss": NAME}                                          its value and the gradient of the embeddings
{"op": "time", "loss": NAME, "runs": n}                                the seconds of so many values with their gradients
"""

import json
import math
import sys
import time

import pytorch_metric_learning
import torch
from pytorch_metric_learning import losses

state = {}


def degrees(radians):
    return radians * 180 / math.pi


def make(name):
    classes, dim = state["classes"], state["embeddings"].shape[1]
    with_classes = {"num_classes": classes, "embedding_size": dim}
    table = {
        "normface": lambda: losses.NormalizedSoftmaxLoss(temperature=1 / 20, **with_classes),
        "am-softmax": lambda: losses.CosFaceLoss(margin=0.35, scale=64, **with_classes),
        "large-margin-softmax": lambda: losses.LargeMarginSoftmaxLoss(margin=4, scale=1, **with_classes),
        "sphereface": lambda: losses.SphereFaceLoss(margin=4, scale=1, **with_classes),
        "arcface": lambda: losses.ArcFaceLoss(margin=degrees(0.5), scale=64, **with_classes),
        "sub-center-arcface": lambda: losses.SubCenterArcFaceLoss(margin=degrees(0.5), scale=64, sub_centers=3, **with_classes),
        "soft-triple": lambda: losses.SoftTripleLoss(centers_per_class=10, la=20, gamma=0.1, margin=0.01, **with_classes),
        "proxy-nca": lambda: losses.ProxyNCALoss(softmax_scale=1, **with_classes),
        "proxy-anchor": lambda: losses.ProxyAnchorLoss(margin=0.1, alpha=32, **with_classes),
        "p2sgrad": lambda: losses.P2SGradLoss(descriptors_dim=dim, num_classes=classes),
        "triplet": lambda: losses.TripletMarginLoss(margin=0.2),
        "contrastive": lambda: losses.ContrastiveLoss(),
        "snr-contrastive": lambda: losses.SignalToNoiseRatioContrastiveLoss(),
        "margin": lambda: losses.MarginLoss(),
        "lifted-structure": lambda: losses.LiftedStructureLoss(),
        "generalized-lifted": lambda: losses.GeneralizedLiftedStructureLoss(),
        "n-pair": lambda: losses.NPairsLoss(),
        "nt-xent": lambda: losses.NTXentLoss(temperature=0.07),
        "sup-con": lambda: losses.SupConLoss(temperature=0.1),
        "nca": lambda: losses.NCALoss(softmax_scale=1),
        "angular": lambda: losses.AngularLoss(alpha=40),
        "multi-similarity": lambda: losses.MultiSimilarityLoss(alpha=2, beta=50, base=0.5),
        "tuplet-margin": lambda: losses.TupletMarginLoss(margin=5.73, scale=64),
        "histogram": lambda: losses.HistogramLoss(n_bins=100),
        "fast-ap": lambda: losses.FastAPLoss(num_bins=10),
        "smooth-ap": lambda: losses.SmoothAPLoss(temperature=0.01),
        "pnp": lambda: losses.PNPLoss(variant="Dq", alpha=1, anneal=0.01),
        "ranked-list": lambda: losses.RankedListLoss(margin=0.4, Tn=10, Tp=0, alpha=1.2, imbalance=0.5),
        "threshold-consistent-margin": lambda: losses.ThresholdConsistentMarginLoss(),
        "intra-pair-variance": lambda: losses.IntraPairVarianceLoss(),
        "vicreg": lambda: losses.VICRegLoss(invariance_lambda=25, variance_mu=25, covariance_v=1, eps=1e-4),
        "circle": lambda: losses.CircleLoss(m=0.4, gamma=80),
    }
    loss = table[name]()
    value = state["weights"][: classes * centers(name)]
    with torch.no_grad():
        for parameter, transposed in weights(loss):
            parameter.copy_(value.T if transposed else value)
    return loss


def weights(loss):
    """The class weights that a loss has, and whether they lie [dim, classes]."""
    named = dict(loss.named_parameters())
    return [(named[name], name != "proxies") for name in ("W", "fc", "weight", "proxies") if name in named]


def centers(name):
    return {"sub-center-arcface": 3, "soft-triple": 10}.get(name, 1)


def keep(request):
    state["embeddings"] = torch.tensor(request["embeddings"], dtype=torch.float32)
    state["halves"] = state["embeddings"].chunk(2)
    state["labels"] = torch.tensor(request["labels"])
    weights = request.get("weights")
    state["weights"] = None if weights is None else torch.tensor(weights, dtype=torch.float32)
    state["classes"] = request["classes"]
    state["made"] = {}
    return {"version": f"torch {torch.__version__}, pytorch-metric-learning {pytorch_metric_learning.__version__}"}


def step(loss):
    """Value and gradients; those of the embeddings in one piece, or in two for two views."""
    two_views = isinstance(loss, losses.VICRegLoss)
    views = [view.detach().requires_grad_() for view in (state["halves"] if two_views else [state["embeddings"]])]
    for parameter in loss.parameters():
        parameter.grad = None
    value = loss(views[0], ref_emb=views[1]) if two_views else loss(views[0], state["labels"])
    value.backward()
    return value, [view.grad for view in views]


def value(request):
    try:
        loss = make(request["loss"])
        result, pieces = step(loss)
    except Exception as failure:
        return {"error": f"{type(failure).__name__}: {failure}"[:200]}
    gradients = [torch.cat(pieces)] + [parameter.grad.T if transposed else parameter.grad for parameter, transposed in weights(loss)]
    return {
        "value": repr(result.item()),
        "finite": bool(torch.isfinite(result)) and all(bool(torch.isfinite(g).all()) for g in gradients),
        "largest": repr(max(g.abs().max().item() for g in gradients)),
        "gradients": [g.flatten().tolist() if bool(torch.isfinite(g).all()) else [] for g in gradients],
    }


def timed(request):
    name = request["loss"]
    loss = state["made"].setdefault(name, None) or make(name)
    state["made"][name] = loss
    begin = time.perf_counter()
    for _ in range(request["runs"]):
        step(loss)
    return {"seconds": time.perf_counter() - begin}


for line in sys.stdin:
    request = json.loads(line)
    print(json.dumps({"batch": keep, "value": value, "time": timed}[request["op"]](request)), flush=True)
