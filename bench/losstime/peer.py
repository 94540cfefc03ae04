"""What the peers of the comparison of gradients share: they answer lines of JSON with lines of JSON.

{"op": "open"}                                                    the framework's version, and what the process takes: {"version", "bytes"}
{"op": "load", "embeddings": FILE, "labels": FILE, "weights": FILE, "rows": n, "dim": d, "classes": c}    keeps a batch, forgets what was made
{"op": "make", "contender": NAME, "loss": NAME, "gradients": FILE}     value and gradient, the latter into the file: {"value", "seconds", "cpu"}
{"op": "time", "runs": n, …}                                      what one of so many runs takes: {"wall", "cpu"} in seconds
{"op": "peak"}                                                    the most that the process has taken: {"bytes"}

What fails answers {"error": …}. A framework gives `answer` its version, a function that keeps a batch (embeddings, labels,
weights or None) and returns it, and one that makes a step of (contender, loss, batch); a step returns value and gradients.
"""

import json
import sys
import time

import numpy as np


def taken(what):
    for line in open("/proc/self/status"):
        if line.startswith(what):
            return int(line.split()[1]) * 1024
    raise OSError("no " + what)


def answer(version, keep, make):
    state = {}

    def load(request):
        numbers = lambda name, kind: np.fromfile(request[name], kind)
        embeddings = numbers("embeddings", "<f4").reshape(request["rows"], request["dim"])
        weights = numbers("weights", "<f4").reshape(-1, request["dim"]) if request["classes"] else None
        state.clear()
        state["batch"] = keep(embeddings, numbers("labels", "<i4"), weights)
        return {}

    def made(request):
        key = request["contender"], request["loss"]
        if key not in state:
            state[key] = make(*key, state["batch"])
        return state[key]

    def first(request):
        begin, cpu = time.perf_counter(), time.process_time()
        value, gradients = made(request)()
        seconds, cpu = time.perf_counter() - begin, time.process_time() - cpu
        with open(request["gradients"], "wb") as file:
            for gradient in gradients:
                file.write(np.ascontiguousarray(gradient, "<f4").data)
        return {"value": float(value), "seconds": seconds, "cpu": cpu}

    def timed(request):
        step = made(request)
        wall, cpu = time.perf_counter(), time.process_time()
        for _ in range(request["runs"]):
            step()
        return {"wall": (time.perf_counter() - wall) / request["runs"], "cpu": (time.process_time() - cpu) / request["runs"]}

    table = {
        "open": lambda _: {"version": version, "bytes": taken("VmRSS")},
        "load": load,
        "make": first,
        "time": timed,
        "peak": lambda _: {"bytes": taken("VmHWM")},
    }
    for line in sys.stdin:
        request = json.loads(line)
        try:
            result = table[request["op"]](request)
        except NotImplementedError as failure:
            result = {"error": str(failure)}
        except Exception as failure:
            result = {"error": f"{type(failure).__name__}: {failure}"[:200]}
        print(json.dumps(result), flush=True)
