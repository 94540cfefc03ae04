"""pytorch-metric-learning's word on embeddings that `unipair export` wrote: answers lines of JSON.

{"index": DIRECTORY}   what AccuracyCalculator gives for its embeddings.npy with the classes of its images.csv, each image a query to
                       all others: {"version", "images", "scores": {"precision_at_1", …}}
"""

import csv
import json
import os
import sys

import numpy as np
import torch
import pytorch_metric_learning
from pytorch_metric_learning.distances import LpDistance
from pytorch_metric_learning.utils.accuracy_calculator import AccuracyCalculator
from pytorch_metric_learning.utils.inference import CustomKNN

# Names there, and names here.
SCORES = {
    "precision_at_1": "precision_at_1",
    "r_precision": "r_precision",
    "mean_average_precision_at_r": "map_at_r",
    "mean_average_precision": "mean_average_precision",
    "mean_reciprocal_rank": "mrr",
}


def score(directory):
    embeddings = torch.from_numpy(np.load(os.path.join(directory, "embeddings.npy"))).double()
    with open(os.path.join(directory, "images.csv"), newline="", encoding="utf-8") as table:
        classes = [row["class"] for row in csv.DictReader(table)]
    numbers = {name: i for i, name in enumerate(sorted(set(classes)))}
    labels = torch.tensor([numbers[name] for name in classes])
    # Distances in float64, as here: a library that ranks in float32 differs where two are all but equal.
    calculator = AccuracyCalculator(
        include=tuple(SCORES), k=None, device=torch.device("cpu"),
        knn_func=CustomKNN(LpDistance(normalize_embeddings=False), batch_size=256),
    )
    found = calculator.get_accuracy(embeddings, labels)
    version = "pytorch-metric-learning " + pytorch_metric_learning.__version__
    return {"version": version, "images": len(labels), "scores": {SCORES[name]: float(value) for name, value in found.items()}}


for line in sys.stdin:
    try:
        answer = score(json.loads(line)["index"])
    except Exception as error:  # the caller reports it
        answer = {"error": f"{type(error).__name__}: {error}"}
    print(json.dumps(answer), flush=True)
