"""The same painting in PyTorch, for bench/paint.mjs.

    python3 paint_torch.py <folder> <size> <scales> <threads> <content> <style> <smoothness> <chroma> <range>

The folder holds float32 files: weights (`conv1_1.weight` …, preprocessing folded in), the picture to start from, the
photograph, and the style's Gram matrices (`gram <scale> <layer>`); the last five arguments are the terms' weights.
Reads `<lbfgs or adam> <steps> <steps in all>` a line, goes on from where it was, and prints the milliseconds and the
best loss so far of each step, which is one evaluation. L-BFGS is PyTorch's own with its strong Wolfe line search:
without one it diverges on this objective.
"""
import math
import pathlib
import sys
import time

import torch
import torch.nn.functional as F

folder = pathlib.Path(sys.argv[1])
size, scales, threads = map(int, sys.argv[2:5])
height = width = size
torch.set_num_threads(threads)
CONTENT, STYLE, SMOOTHNESS, CHROMA, RANGE = map(float, sys.argv[5:10])
LIGHT = torch.tensor([0.2126, 0.7152, 0.0722]).reshape(1, 3, 1, 1)
LAYERS = [("conv1_1", 3, 64), ("conv1_2", 64, 64), ("conv2_1", 64, 128), ("conv2_2", 128, 128), ("conv3_1", 128, 256)]
STYLES, CONTENTS = ["conv1_1", "conv2_1", "conv3_1"], ["conv2_2", "conv3_1"]


def load(name, *shape):
    data = bytearray((folder / name).read_bytes())
    return torch.frombuffer(data, dtype=torch.float32).reshape(*shape)


weights = {n: (load(f"{n}.weight", o, i, 3, 3), load(f"{n}.bias", o)) for n, i, o in LAYERS}


def features(x, wanted):
    x = F.pad(x, (1, 1, 1, 1), mode="reflect")
    found = {}
    for k, (name, _, _) in enumerate(LAYERS):
        if k in (2, 4):
            x = F.max_pool2d(x, 2)
        weight, bias = weights[name]
        x = F.relu(F.conv2d(x, weight, bias, padding=1 if k else 0), inplace=False)
        if name in wanted:
            found[name] = x
    return found


def gram(f):
    _, c, h, w = f.shape
    flat = f.reshape(c, h * w)
    return flat @ flat.t() / (h * w)


def relative(x, target):
    return ((x - target) ** 2).sum() / ((target**2).sum() + 1e-8)


channels = {n: o for n, _, o in LAYERS}
target = [{n: load(f"gram {s} {n}", channels[n], channels[n]) for n in STYLES} for s in range(scales)]
photograph = load("photograph", 1, 3, height, width)
with torch.no_grad():
    subject = features(photograph, CONTENTS)
picture = load("picture", 1, 3, height, width).clone().requires_grad_()


def smooth(x):
    return ((x[:, :, 1:] - x[:, :, :-1]) ** 2).mean() + ((x[..., 1:] - x[..., :-1]) ** 2).mean()


def objective():
    level, terms, content = picture, [], None
    for s in range(scales):
        if s > 0:
            level = F.avg_pool2d(level, 2)
        found = features(level, STYLES + (CONTENTS if s == 0 else []))
        if s == 0:
            content = sum(relative(found[n], subject[n]) for n in CONTENTS) / len(CONTENTS)
        terms += [relative(gram(found[n]), target[s][n]) for n in STYLES]
    style = sum(terms) / len(terms)
    chroma = smooth(picture - (picture * LIGHT).sum(1, keepdim=True))
    outside = (F.relu(picture - 1) ** 2).mean() + (F.relu(-picture) ** 2).mean()
    return CONTENT * content + STYLE * style + SMOOTHNESS * smooth(picture) + CHROMA * chroma + RANGE * outside


def closure():
    optimizer.zero_grad()
    loss = objective()
    loss.backward()
    losses.append(loss.item())
    return loss


losses, optimizer = [], None
print("ready", flush=True)
for line in sys.stdin:
    kind, steps, total = line.split()
    if optimizer is None and kind == "adam":
        optimizer = torch.optim.Adam([picture], lr=0.03)
    elif optimizer is None:
        optimizer = torch.optim.LBFGS(
            [picture], max_iter=1, history_size=10, tolerance_grad=0, tolerance_change=0, line_search_fn="strong_wolfe"
        )
    wanted = int(steps)
    while wanted > 0:
        started, before = time.perf_counter(), len(losses)
        if kind == "adam":
            optimizer.param_groups[0]["lr"] = 0.015 * (1 + math.cos(math.pi * len(losses) / int(total)))
        optimizer.step(closure)
        made = len(losses) - before
        each = (time.perf_counter() - started) * 1000 / made
        wanted -= made
        best = losses[-1] if kind == "adam" else min(losses)
        for _ in range(made):
            print(each, best, flush=True)
    print("done", flush=True)
