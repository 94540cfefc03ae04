"""Runs the PyTorch lines that stand beside the formulas of the notebooks, and writes pytorch.json: what each gives, and its gradient.

    python notebooks/testdata/pytorch.py        # with torch installed (recorded with 2.15, float64)

The batch is case "pk" of internal/pmlgolden/pml.json, the settings are m = 0.4, gamma = 80, tau = 1/80 and alpha = 16. A line that speaks of
s_p and s_n is taken of every anchor, and the mean over them. Class vectors are the sums of the first four embeddings and the last four. Of
two views, the first are the even embeddings.
"""

import glob
import json
import os
import re

import torch
import torch.nn.functional as F

HERE = os.path.dirname(os.path.abspath(__file__))
BLOCK = re.compile(r"```python\n(.*?)```", re.DOTALL)


def main():
    torch.set_default_dtype(torch.float64)
    with open(os.path.join(HERE, "../../internal/pmlgolden/pml.json"), encoding="utf-8") as file:
        case = json.load(file)["cases"]["pk"]
    labels = torch.tensor(case["labels"])
    rows = []
    for path in sorted(glob.glob(os.path.join(HERE, "../*.ipynb"))):
        with open(path, encoding="utf-8") as file:
            cells = json.load(file)["cells"]
        for cell in cells:
            if cell["cell_type"] == "markdown":
                rows += [(os.path.basename(path)[:2], code) for code in BLOCK.findall("".join(cell["source"]))]
    answers = []
    for notebook, code in rows:
        x = torch.tensor(case["emb"], dtype=torch.float64, requires_grad=True)
        value = run(code, x, labels)
        value.backward()
        answers.append({"notebook": notebook, "code": code, "value": value.item(), "gradient": x.grad.flatten().tolist()})
    with open(os.path.join(HERE, "pytorch.json"), "w", encoding="utf-8") as file:
        json.dump(answers, file, indent=1, ensure_ascii=False)
        file.write("\n")


def run(code, x, labels):
    z = F.normalize(x, dim=1)
    s = z @ z.T
    settings = {"F": F, "torch": torch, "m": 0.4, "gamma": 80, "tau": 1 / 80, "alpha": 16}
    if "s_p" in code:
        losses = []
        for i, label in enumerate(labels):
            alike = labels == label
            others = ~alike
            alike[i] = False
            losses.append(value(code, {**settings, "s_p": s[i][alike], "s_n": s[i][others]}))
        return torch.stack(losses).mean()
    n = int(labels.max()) + 1
    w = x[:n] + x[-n:]
    classes = {"x": x, "w": w, "cos": z @ F.normalize(w, dim=1).T, "y": labels, "N": n}
    return value(code, {**settings, **classes, "h": lambda v: v, "x1": z[0::2], "x2": z[1::2]})


def value(code, names):
    exec(code, names)
    return names["loss"]


if __name__ == "__main__":
    main()
