"""Makes the reference values of test/paint with PyTorch, in double precision.

    python3 paint.py

writes paint.json beside this file (format it afterwards: npx biome check --write test/reference). L-BFGS is
torch.optim.LBFGS itself, told to take a first step as long as stylecast's.
"""
import json

import torch
import torch.nn.functional as F

from make import CONTENT, HERE, STYLE, gram, relative, small_vgg, torchvision, vgg, wave

WIDTH, HEIGHT, SCALES, FIRST_MOVE, STEPS = 24, 16, 2, 0.0005, 6
WEIGHTS = {"content": 1.0, "style": 20.0, "smoothness": 0.3, "chroma": 0.5, "range": 10.0}
CHANNELS = {"relu1_1": 4, "relu2_1": 6, "relu3_1": 8}


def target():
    """Products of random features, so that they are Gram matrices."""
    made = []
    for scale in range(SCALES):
        layers = {}
        for layer, c in CHANNELS.items():
            f = wave(c * 12, 1.0 + scale + c, 0.3, 0.1).reshape(1, c, 12)
            layers[layer] = f @ f.transpose(1, 2) / 12
        made.append(layers)
    return made


def smoothness(x):
    return ((x[:, :, 1:] - x[:, :, :-1]) ** 2).mean() + ((x[..., 1:] - x[..., :-1]) ** 2).mean()


def objective(picture, weights, subject, grams):
    level, style = picture, []
    for scale in range(SCALES):
        if scale > 0:
            level = F.avg_pool2d(level, 2)
        features = vgg(weights, level, torchvision)
        if scale == 0:
            content = sum(relative(features[n], subject[n]) for n in CONTENT) / len(CONTENT)
        style += [relative(gram(features[n]), grams[scale][n]) for n in STYLE]
    light = (picture * torch.tensor([0.2126, 0.7152, 0.0722]).reshape(1, 3, 1, 1)).sum(1, keepdim=True)
    terms = {
        "content": content,
        "style": sum(style) / len(style),
        "smoothness": smoothness(picture),
        "chroma": smoothness(picture - light),
        "range": (F.relu(picture - 1) ** 2).mean() + (F.relu(-picture) ** 2).mean(),
    }
    return sum(WEIGHTS[name] * term for name, term in terms.items()), terms


def begin():
    weights = small_vgg()
    shape = (1, 3, HEIGHT, WIDTH)
    photograph = wave(3 * HEIGHT * WIDTH, 0.3, 0.4, 0.5).reshape(shape)
    subject = {n: f.detach() for n, f in vgg(weights, photograph, torchvision).items()}
    picture = wave(3 * HEIGHT * WIDTH, 2.3, 0.6, 0.5).reshape(shape).requires_grad_()
    return picture, lambda: objective(picture, weights, subject, target())


def lbfgs():
    picture, evaluate = begin()
    optimizer = torch.optim.LBFGS([picture], lr=1, max_iter=1, max_eval=1, history_size=10, tolerance_grad=0, tolerance_change=0)
    losses, first = [], None

    def closure():
        optimizer.zero_grad()
        loss, terms = evaluate()
        loss.backward()
        losses.append(loss.item())
        nonlocal first
        if first is None:
            first = {name: term.item() for name, term in terms.items()}, picture.grad.flatten().tolist()
        return loss

    closure()
    grad = picture.grad.flatten()
    own = min(1.0, 1.0 / grad.abs().sum().item())
    optimizer.param_groups[0]["lr"] = FIRST_MOVE * grad.numel() ** 0.5 / grad.norm().item() / own
    losses.clear()
    for _ in range(STEPS):
        optimizer.step(closure)
        optimizer.param_groups[0]["lr"] = 1
    terms, gradient = first
    return {"terms": terms, "gradient": gradient, "losses": losses, "picture": picture.flatten().tolist()}


def adam(rate=0.03, steps=3):
    picture, evaluate = begin()
    optimizer = torch.optim.Adam([picture], lr=rate, eps=1e-8)
    losses = []
    for step in range(steps):
        # Half a cosine over as many steps, as stylecast's Adam decays.
        optimizer.param_groups[0]["lr"] = rate / 2 * (1 + torch.cos(torch.tensor(torch.pi * step / steps)).item())
        optimizer.zero_grad()
        loss, _ = evaluate()
        loss.backward()
        losses.append(loss.item())
        optimizer.step()
    return {"losses": losses, "picture": picture.flatten().tolist()}


def rounded(value):
    if isinstance(value, dict):
        return {name: rounded(part) for name, part in value.items()}
    return [rounded(part) for part in value] if isinstance(value, list) else float(f"{value:.9g}")


(HERE / "paint.json").write_text(json.dumps(rounded({"lbfgs": lbfgs(), "adam": adam()})))
