"""Makes the reference values of the tests with PyTorch, in double precision.

    python3 make.py

writes steps.json beside this file (format it afterwards: npx biome check --write test/reference). The tests compute
the same inputs from the same formulas and need no PyTorch. Nothing here shares code with what is tested.
"""
import json
import math
import pathlib

import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
HERE = pathlib.Path(__file__).parent


def wave(size, phase, scale=1.0, offset=0.0):
    """The tests' formula: sin(1.7 i + phase) in single precision, scaled and shifted."""
    values = torch.tensor([math.sin(1.7 * i + phase) * scale + offset for i in range(size)])
    return values.float().double()


def gram(f):
    n, c, h, w = f.shape
    flat = f.reshape(n, c, h * w)
    return flat @ flat.transpose(1, 2) / (h * w)


def relative(x, target):
    repeats = x.shape[0] / target.shape[0]
    return ((x - target) ** 2).sum() / ((target**2).sum() * repeats + 1e-8)


class Adam:
    def __init__(self, parameters, clip, beta2=0.999):
        self.parameters, self.clip, self.beta2 = parameters, clip, beta2
        self.mean = [torch.zeros_like(p) for p in parameters]
        self.square = [torch.zeros_like(p) for p in parameters]
        self.steps = 0

    def step(self, loss, rate):
        grads = torch.autograd.grad(loss, self.parameters)
        norm = math.sqrt(sum((g**2).sum().item() for g in grads))
        scale = min(1.0, self.clip / (norm + 1e-12))
        self.steps += 1
        for i, (p, g) in enumerate(zip(self.parameters, grads)):
            g = g * scale
            self.mean[i] = 0.9 * self.mean[i] + 0.1 * g
            self.square[i] = self.beta2 * self.square[i] + (1 - self.beta2) * g * g
            m = self.mean[i] / (1 - 0.9**self.steps)
            v = self.square[i] / (1 - self.beta2**self.steps)
            p.data -= rate * m / (v.sqrt() + 1e-8)
        return norm


def rate(step, total, base, warm_up):
    return base / 2 * min(1, (step + 1) / warm_up) * (1 + math.cos(math.pi * min(1, step / total)))


def milestone():
    """One convolution and a Gram loss, batch 2, three Adam steps."""
    image = wave(2 * 3 * 12 * 10, 0.3).reshape(2, 3, 12, 10)
    target = wave(8 * 8, 0.9, 0.5, 0.2).reshape(1, 8, 8)
    weights = wave(8 * 3 * 9, 0.1, 0.3).reshape(8, 3, 3, 3).requires_grad_()
    bias = wave(8, 0.5, 0.1).requires_grad_()
    adam = Adam([weights, bias], clip=1)
    losses, norms = [], []
    for step in range(3):
        loss = relative(gram(F.relu(F.conv2d(image, weights, bias, padding=1))), target)
        losses.append(loss.item())
        norms.append(adam.step(loss, rate(step, 10, 0.01, 2)))
    return {"losses": losses, "norms": norms, "weights": weights.flatten().tolist(), "bias": bias.tolist()}


# A VGG-19 with few channels: the tests' loss network.
VGG = [("conv1_1", 3, 4), ("conv1_2", 4, 4), ("conv2_1", 4, 6), ("conv2_2", 6, 6), ("conv3_1", 6, 8)]
DEEP = [("conv3_2", 8, 8), ("conv3_3", 8, 8), ("conv3_4", 8, 8), ("conv4_1", 8, 10), ("conv4_2", 10, 10)]


def small_vgg():
    layers = enumerate(VGG + DEEP)
    size = lambda k: 0.4 if k < len(VGG) else 0.2
    return {name: (wave(o * i * 9, 0.2 + k, size(k)).reshape(o, i, 3, 3), wave(o, 0.7 + k, 0.1)) for k, (name, i, o) in layers}


def vgg(weights, image, preprocess, reflected=False):
    x = F.pad(image, (1, 1, 1, 1), mode="reflect")
    x = preprocess(x)
    features = {}
    for k, (name, (w, b)) in enumerate(weights.items()):
        if name in ("conv2_1", "conv3_1", "conv4_1"):
            x = F.max_pool2d(x, 2)
        if k > 0:
            x = F.pad(x, (1, 1, 1, 1), mode="reflect" if reflected else "constant")
        x = F.relu(F.conv2d(x, w, b))
        features[name.replace("conv", "relu")] = x
    return features


def torchvision(x):
    mean = torch.tensor([0.485, 0.456, 0.406]).reshape(1, 3, 1, 1)
    deviation = torch.tensor([0.229, 0.224, 0.225]).reshape(1, 3, 1, 1)
    return (x - mean) / deviation


# Layers of the style with their channels, at full size, at half of it and at a quarter.
SHALLOW = {"relu1_1": 4, "relu2_1": 6, "relu3_1": 8}
STYLE = [{**SHALLOW, "relu4_1": 10}, SHALLOW, SHALLOW]


def opponent(x):
    """ITU-R BT.601, [3, n, h, w]: Y, Cb, Cr."""
    r, g, b = x.unbind(1)
    y = 0.299 * r + 0.587 * g + 0.114 * b
    return torch.stack([y, (b - y) / 1.772, (r - y) / 1.402])


def local(x):
    """Cells of 8x8 pixels less the mean of those at most 4 cells away, as far as there are any, [3, n, cells]."""
    cells = F.avg_pool2d(opponent(x), 8)
    h, w = cells.shape[2:]
    around = torch.stack(
        [
            torch.stack([cells[:, :, max(0, i - 4) : i + 5, max(0, j - 4) : j + 5].mean((2, 3)) for j in range(w)], 2)
            for i in range(h)
        ],
        2,
    )
    return (cells - around).flatten(2)


def light_and_colour(painted, photograph):
    """What of the local contrast of light is lost, and of where local differences of colour point."""
    p, s = local(painted), local(photograph)
    n = p.shape[2]
    mean = lambda a, b: (a * b).sum(-1) / n
    pp, ss, ps = mean(p[0], p[0]), mean(s[0], s[0]), mean(p[0], s[0])
    light = ps / (torch.maximum(ss, (ss * pp + 1e-12).sqrt()) + 1e-6)
    cc, qq, cq = (mean(a[1:], b[1:]).sum(0) for a, b in ((s, s), (p, p), (s, p)))
    colour = cq / ((cc + 1e-6) * (qq + 0.05 * cc + 1e-6)).sqrt()
    return 1 - light.mean(), 1 - colour.mean()


def mesh(y):
    """What repeats with the pixels' places in cells of 2x2 and of 4x4: differences from the cell's mean, over 32 pixels."""
    total = 0
    for k in (2, 4):
        apart = F.pixel_unshuffle(y - F.interpolate(F.avg_pool2d(y, k), scale_factor=k, mode="nearest"), k)
        total = total + (F.avg_pool2d(apart, 32 // k) ** 2).mean()
    return total


def tint(painted, photograph, tones):
    """Colour of cells of 16x16: the style's at the painted cell's light, and 0.4 of the photograph's."""
    p, s = (opponent(F.avg_pool2d(x, 16)).flatten(2) for x in (painted, photograph))
    at = p[0].detach().clamp(0, 1) * (len(tones) - 1)
    below = at.long().clamp(max=len(tones) - 2)
    rest = (at - below)[..., None]
    style = (tones[below] * (1 - rest) + tones[below + 1] * rest).permute(2, 0, 1)
    return ((p[1:] - style - 0.4 * s[1:]) ** 2).sum(0).mean()


def cast(painted, photograph, mean):
    """Mean light and colour of a picture: the style's, moved as the photograph's is from that of photographs."""
    p, s = (opponent(x).mean((2, 3)) for x in (painted, photograph))
    kept = torch.tensor([0.5, 0.4, 0.4])[:, None] * (s - torch.tensor([0.44, 0.0, 0.0])[:, None])
    return (torch.tensor([0.3, 1.0, 1.0])[:, None] * (p - mean[:, None] - kept) ** 2).sum(0).mean()


class Net:
    """The style network, written as it is described: filters applied to features, not folded into weights."""

    def __init__(self, channels, blocks):
        self.names, self.tensors, self.channels, self.blocks = [], [], channels, blocks
        self.filling = True

    def parameter(self, name, shape):
        if self.filling:
            size = math.prod(shape)
            k = len(self.names)
            if name.endswith(".scale"):
                value = wave(size, k, 0.2, 1.0)
            elif name.endswith(".shift"):
                value = wave(size, k, 0.1)
            else:
                value = wave(size, k, 0.5 / math.sqrt(shape[-3] if len(shape) == 5 else shape[1]))
            self.names.append(name)
            self.tensors.append(value.reshape(shape).requires_grad_())
        return self.tensors[self.names.index(name)]

    def norm(self, name, x, relu):
        c = x.shape[1]
        shift = self.parameter(name + ".shift", (c,))
        scale = self.parameter(name + ".scale", (c,))
        y = F.instance_norm(x, weight=scale, bias=shift, eps=1e-5)
        return F.relu(y) if relu else y

    def conv(self, name, x, out, k=3, relu=True, reflect=False):
        if reflect:
            x = F.pad(x, (1, 1, 1, 1), mode="reflect")
        w = self.parameter(name + ".weight", (out, x.shape[1], k, k))
        return self.norm(name, F.conv2d(x, w), relu)

    def halving(self, name, x, out, k=2):
        w = self.parameter(name + ".weight", (out, x.shape[1], k, k))
        line = torch.tensor([0.25, 0.5, 0.25])
        blur = (line[:, None] * line[None, :]).expand(x.shape[1], 1, 3, 3)
        return self.norm(name, F.conv2d(F.conv2d(x, blur, groups=x.shape[1]), w, stride=2), True)

    def residual(self, name, x):
        c = x.shape[1]
        return x + self.conv(name + ".2", self.conv(name + ".1", x, c, reflect=True), c, relu=False, reflect=True)

    def painted(self, name, x, out, f):
        inner = x.shape[1]
        colour = self.parameter(name + ".weight", (out, inner, 1, 1))
        free = colour + self.parameter(name + ".detail", (f * f, out, inner, 3, 3))
        shift = self.parameter(name + ".shift", (1, out))
        spline = lambda t: 0.75 - t**2 if t < 0.5 else max(0, 1.5 - t) ** 2 / 2
        along = torch.tensor([[spline(abs(p - (t - 1) * f - (f - 1) / 2) / f) for t in range(3)] for p in range(f)])
        fade = torch.stack([along[y][:, None] * along[x_][None, :] for y in range(f) for x_ in range(f)])[:, None, None]
        faded = free * fade
        response = faded.sum((3, 4), keepdim=True)
        even = faded - (response - response.mean(0, keepdim=True)) * fade
        planes = [F.conv2d(x, even[cell], shift[0]) for cell in range(f * f)]
        n, _, h, w = planes[0].shape
        result = torch.zeros(n, out, h * f, w * f)
        for cell, plane in enumerate(planes):
            result[:, :, cell // f :: f, cell % f :: f] = plane
        return result

    def __call__(self, image):
        half, quarter, eighth = self.channels
        x = F.pad(image, (16, 16, 16, 16), mode="reflect")
        fine = self.halving("fine", x, half, 4)
        medium = self.halving("medium", fine, quarter)
        body = self.halving("coarse", medium, eighth)
        for i in range(1, self.blocks + 1):
            body = self.residual(f"body{i}", body)
        up = lambda t: F.interpolate(t, scale_factor=2, mode="bilinear", align_corners=False)
        raised = self.conv("raise1", body, quarter, 1, relu=False)
        strokes = self.conv("merge1", up(raised) + medium[:, :, 1:-1, 1:-1], quarter)
        raised = self.conv("raise2", strokes, half, 1, relu=False)
        detail = self.conv("merge2", up(raised) + fine[:, :, 5:-5, 5:-5], half)
        picture = self.painted("paint", detail, 3, 2)
        self.filling = False
        return picture


def scene(n, x, y, c):
    """A byte of the tests' photographs: slow waves across, and others down."""
    return math.floor(127 + 60 * math.sin(x / (5 + 3 * n) + c) + 60 * math.cos(y / (7 + 2 * c)))


def training():
    """Three whole steps with live norms: every loss, the norm of the gradient, and the parameters after them."""
    size = 64
    loss_network = small_vgg()
    photographs = torch.tensor(
        [
            [[[scene(n, x, y, c) / 255 for x in range(size)] for y in range(size)] for c in range(3)]
            for n in range(2)
        ]
    )
    target = [
        {layer: wave(c * c, 1 + s + c, 0.3, 0.2).reshape(1, c, c) for layer, c in layers.items()} for s, layers in enumerate(STYLE)
    ]
    net = Net((4, 6, 8), 1)
    net(photographs)
    adam = Adam(net.tensors, clip=1, beta2=0.99)
    # Gradients of about one size, so that none of them hides another.
    weights = {"light": 30, "colour": 25, "tint": 60, "cast": 40, "style": 0.1, "smoothness": 500, "range": 500, "mesh": 200000}
    mean, tones = wave(3, 0.4, 0.1, 0.2), wave(130, 0.8, 0.2).reshape(65, 2)
    seen = lambda picture: vgg(loss_network, picture, torchvision)
    shallow = {name: layer for name, layer in loss_network.items() if name < "conv4"}
    shapes = lambda picture, k: vgg(shallow, F.avg_pool2d(picture, k), torchvision, reflected=True)["relu3_1"]
    means = [dict(layers) for layers in target]
    steps = []
    for step, balance in enumerate([0.12, 0.08, 0.1]):
        y = net(photographs)
        middle = slice(size // 4, 3 * size // 4)
        features = [seen(y[:, :, middle, middle]), seen(F.avg_pool2d(y, 2)), seen(F.avg_pool2d(y, 4))]
        subject = [seen(photographs[:, :, middle, middle]), seen(F.avg_pool2d(photographs, 2))]
        own = [{layer: gram(features[s][layer]) for layer in grams} for s, grams in enumerate(target)]
        style = [
            {layer: relative(0.5 * own[s][layer] + 0.5 * means[s][layer], grams[layer]) for layer in grams}
            for s, grams in enumerate(target)
        ]
        means = [
            {layer: 0.95 * means[s][layer] + 0.05 * own[s][layer].detach().mean(0, keepdim=True) for layer in grams}
            for s, grams in enumerate(target)
        ]
        deep = style[0].pop("relu4_1")
        light, colour = light_and_colour(y, photographs)
        terms = {
            "content": relative(features[0]["relu4_2"], subject[0]["relu4_2"]),
            "shapes": relative(features[1]["relu3_1"], subject[1]["relu3_1"]),
            "structure": sum(relative(shapes(y, k), shapes(photographs, k)) for k in (4, 8)) / 2,
            "light": light,
            "colour": colour,
            "tint": tint(y, photographs, tones),
            "cast": cast(y, photographs, mean),
            "style": (sum(w * sum(s.values()) / 3 for w, s in zip((1, 1, 0.5), style)) + deep) / 3.5,
            "smoothness": (y[:, :, 1:] - y[:, :, :-1]).pow(2).mean() + (y[..., 1:] - y[..., :-1]).pow(2).mean(),
            "mesh": mesh(y),
            "range": F.relu(y - 1).pow(2).mean() + F.relu(-y).pow(2).mean(),
        }
        loss = sum(weights.get(k, 2 * balance if k == "content" else balance) * v for k, v in terms.items())
        norm = adam.step(loss, rate(step, 10, 0.0002, 2))
        steps.append({"balance": balance, **{k: v.item() for k, v in terms.items()}, "loss": loss.item(), "norm": norm})
    flat = torch.cat([t.flatten() for t in net.tensors])
    return {"names": net.names, "steps": steps, "sum": flat.sum().item(), "parameters": flat[::37].tolist()}


if __name__ == "__main__":
    write = lambda name, value: (HERE / name).write_text(json.dumps(value, indent=1) + "\n")
    write("steps.json", {"milestone": milestone(), "training": training()})
