"""Writes vit.onnx, a tiny vision transformer of random weights, and vit.json, its gradients in PyTorch.

    python vit.py    (torch 2.15, onnx 1.23, onnxscript 0.7)

The embeddings of two images, whose numbers are sin²(i), are multiplied by cos(j), their own numbers, and added up. For each weight of the
file vit.json has the gradient's length, its sum and every 37th of its numbers, in the file's order of axes."""

import json
import os

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from torch import nn

HERE = os.path.dirname(os.path.abspath(__file__))
torch.manual_seed(1)


class Block(nn.Module):
    def __init__(self, dim, heads):
        super().__init__()
        self.heads = heads
        self.norm1, self.norm2 = nn.LayerNorm(dim), nn.LayerNorm(dim)
        self.qkv, self.out = nn.Linear(dim, 3 * dim), nn.Linear(dim, dim)
        self.mlp = nn.Sequential(nn.Linear(dim, 2 * dim), nn.GELU(), nn.Linear(2 * dim, dim))

    def forward(self, x):
        n, t, d = x.shape
        q, k, v = self.qkv(self.norm1(x)).reshape(n, t, 3, self.heads, d // self.heads).permute(2, 0, 3, 1, 4)
        x = x + self.out(nn.functional.scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(n, t, d))
        return x + self.mlp(self.norm2(x))


class ViT(nn.Module):
    def __init__(self, size=16, patch=4, dim=16, depth=2, heads=2):
        super().__init__()
        self.patches = nn.Conv2d(3, dim, patch, patch)
        self.token = nn.Parameter(torch.randn(1, 1, dim))
        self.places = nn.Parameter(torch.randn(1, (size // patch) ** 2 + 1, dim))
        self.blocks = nn.Sequential(*[Block(dim, heads) for _ in range(depth)])
        self.norm = nn.LayerNorm(dim)

    def forward(self, image):
        x = self.patches(image).flatten(2).transpose(1, 2)
        x = torch.cat([self.token.expand(x.shape[0], -1, -1), x], 1) + self.places
        return self.norm(self.blocks(x))


model = ViT().eval()
for p in model.parameters():  # also those that begin with 0 or 1
    p.data += 0.1 * torch.randn_like(p)
images = torch.tensor(np.sin(np.arange(2 * 3 * 16 * 16)) ** 2, dtype=torch.float32).reshape(2, 3, 16, 16)
path = os.path.join(HERE, "vit.onnx")
torch.onnx.export(model, (images,), path, dynamo=True, external_data=False, verbose=False,
                  input_names=["image"], output_names=["tokens"], dynamic_shapes=({0: torch.export.Dim("n")},))
file = onnx.load(path)
for node in file.graph.node:
    del node.metadata_props[:]
    node.doc_string = ""
for values in (file.graph.value_info, file.graph.input, file.graph.output, file.graph.initializer):
    for value in values:
        del value.metadata_props[:]
onnx.save(file, path)

embedding = model(images)[:, 0]
(embedding * torch.cos(torch.arange(embedding.numel(), dtype=torch.float32)).reshape(embedding.shape)).sum().backward()
gradients = {}
for weight in file.graph.initializer:
    value = numpy_helper.to_array(weight)
    for p in model.parameters():
        ours, gradient = p.detach().numpy(), p.grad.numpy()
        for a, g in ((ours, gradient), (ours.T, gradient.T)):
            if value.size > 1 and a.size == value.size and a.reshape(value.shape).tobytes() == value.tobytes():
                flat = g.ravel().astype(float)
                gradients[weight.name] = {"length": float(np.sqrt((flat**2).sum())), "sum": float(flat.sum()), "some": flat[::37].tolist()}
json.dump({"embedding": embedding.detach().ravel().tolist(), "gradients": gradients}, open(os.path.join(HERE, "vit.json"), "w"), indent=1)
print(len(gradients), "weights of", len(list(model.parameters())), "parameters,", os.path.getsize(path), "bytes")
