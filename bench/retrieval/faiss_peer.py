"""faiss in the comparison of retrieval: answers lines of JSON.

{"op": "load", "embeddings": FILE, "labels": FILE, "dim": d}   keeps a set: {"version"}
{"op": "score", "nearest": k}                                  its scores by the k nearest others: {"recall_at_1", "map_at_r"}
{"op": "time", "nearest": k, "runs": n}                        the search alone, of so many runs: {"wall", "cpu"} in seconds a run

Classes are of one size, k + 1.
"""

import json
import sys
import time

import faiss
import numpy as np

state = {}


def load(request):
    vectors = np.fromfile(request["embeddings"], "<f4").reshape(-1, request["dim"])
    state.update(vectors=vectors, labels=np.fromfile(request["labels"], "<i4"), index=faiss.IndexFlatL2(request["dim"]))
    state["index"].add(vectors)
    return {"version": "faiss " + faiss.__version__}


def search(request):
    """The nearest of each vector, itself included."""
    return state["index"].search(state["vectors"], request["nearest"] + 1)[1]


def score(request):
    labels, nearest, hits_at_1, average = state["labels"], request["nearest"], 0, 0
    for start, found in enumerate(search(request)):
        others = found[found != start][:nearest]
        hits = labels[others] == labels[start]
        hits_at_1 += hits[0]
        average += (hits * hits.cumsum() / np.arange(1, nearest + 1)).sum() / nearest
    return {"recall_at_1": float(hits_at_1) / len(labels), "map_at_r": float(average) / len(labels)}


def timed(request):
    wall, cpu = time.perf_counter(), time.process_time()
    for _ in range(request["runs"]):
        search(request)
    return {"wall": (time.perf_counter() - wall) / request["runs"], "cpu": (time.process_time() - cpu) / request["runs"]}


for line in sys.stdin:
    request = json.loads(line)
    try:
        result = {"load": load, "score": score, "time": timed}[request["op"]](request)
    except Exception as failure:
        result = {"error": f"{type(failure).__name__}: {failure}"[:200]}
    print(json.dumps(result), flush=True)
