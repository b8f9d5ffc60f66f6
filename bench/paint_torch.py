"""The same painting in PyTorch, for bench/paint.mjs.

    python3 paint_torch.py <folder> <height> <width> <scales> <threads>

The folder holds float32 files: weights (`conv1_1.weight` …, preprocessing folded in), the picture to start from, the
photograph, and the style's Gram matrices (`gram <scale> <layer>`). Reads `lbfgs <steps>` or `adam <steps> <rate>` a
line, goes on from where it was, and prints the milliseconds and the loss of each step.
"""
import pathlib
import sys
import time

import torch
import torch.nn.functional as F

folder = pathlib.Path(sys.argv[1])
height, width, scales, threads = map(int, sys.argv[2:6])
torch.set_num_threads(threads)
CONTENT, STYLE, SMOOTHNESS, RANGE = map(float, sys.argv[6:10])
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
    smoothness = ((picture[:, :, 1:] - picture[:, :, :-1]) ** 2).mean() + ((picture[..., 1:] - picture[..., :-1]) ** 2).mean()
    outside = (F.relu(picture - 1) ** 2).mean() + (F.relu(-picture) ** 2).mean()
    return CONTENT * content + STYLE * style + SMOOTHNESS * smoothness + RANGE * outside


optimizers = {}


def optimizer(words):
    if words[0] == "lbfgs":
        return torch.optim.LBFGS([picture], lr=1, max_iter=1, max_eval=1, history_size=10, tolerance_grad=0, tolerance_change=0)
    return torch.optim.Adam([picture], lr=float(words[2]))


print("ready", flush=True)
for line in sys.stdin:
    words = line.split()
    for _ in range(int(words[1])):
        started = time.perf_counter()
        losses = []

        def closure():
            made.zero_grad()
            loss = objective()
            loss.backward()
            losses.append(loss.item())
            return loss

        if words[0] not in optimizers:
            made = optimizers[words[0]] = optimizer(words)
            if words[0] == "lbfgs":
                # Its own first step, 1/|g|₁ long, is too short to be seen in single precision: as long as stylecast's.
                closure()
                norm = picture.grad.flatten().norm().item()
                made.param_groups[0]["lr"] = 0.01 * picture.numel() ** 0.5 / norm / min(1.0, 1.0 / picture.grad.abs().sum().item())
        made = optimizers[words[0]]
        made.step(closure)
        if words[0] == "lbfgs":
            made.param_groups[0]["lr"] = 1
        print((time.perf_counter() - started) * 1000, losses[-1], flush=True)
    print("done", flush=True)
