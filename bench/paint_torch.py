"""The same painting in PyTorch, for bench/paint.mjs.

    python3 paint_torch.py <folder> <size> <scales> <threads> <content> <style> <smoothness> <chroma> <range>

The folder holds float32 files: weights (`conv1_1.weight` …, preprocessing folded in), the picture to start from, the
photograph, and the style's Gram matrices (`gram <scale> <layer>`); the last five arguments are the terms' weights.
Reads `<lbfgs or adam> <steps> <steps in all>` a line, goes on from where it was, and prints the milliseconds and the
loss of each step. L-BFGS is PyTorch's own, without line search, which costs it a second evaluation at best.
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


losses, optimizer, done = [], None, 0
print("ready", flush=True)
for line in sys.stdin:
    kind, steps, total = line.split()
    for _ in range(int(steps)):
        started = time.perf_counter()
        if optimizer is None and kind == "adam":
            optimizer = torch.optim.Adam([picture], lr=0.03)
        elif optimizer is None:
            optimizer = torch.optim.LBFGS(
                [picture], lr=1, max_iter=1, max_eval=1, history_size=10, tolerance_grad=0, tolerance_change=0
            )
            # Its own first step, 1/|g|₁ long, cannot be seen in single precision: this one is as long as stylecast's.
            closure()
            started = time.perf_counter()
            gradient = picture.grad.flatten()
            own = min(1.0, 1.0 / gradient.abs().sum().item())
            optimizer.param_groups[0]["lr"] = 0.01 * gradient.numel() ** 0.5 / gradient.norm().item() / own
        if kind == "adam":
            optimizer.param_groups[0]["lr"] = 0.015 * (1 + math.cos(math.pi * done / int(total)))
        optimizer.step(closure)
        if kind == "lbfgs":
            optimizer.param_groups[0]["lr"] = 1
        done += 1
        print((time.perf_counter() - started) * 1000, losses[-1], flush=True)
    print("done", flush=True)
