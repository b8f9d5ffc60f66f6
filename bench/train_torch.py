"""The same training step in PyTorch, for bench/train.mjs: reads a number of steps a line, prints their times in ms.

Written as one would write it: the low-pass filters and the evened-out patches of the network, which stylecast computes
in the space of the weights, are left out (they would only cost more).
"""
import sys
import time

import torch
import torch.nn.functional as F
from torch import nn

size, threads = int(sys.argv[1]), int(sys.argv[2])
torch.set_num_threads(threads)
torch.manual_seed(1)
HALF, QUARTER, EIGHTH, BLOCKS = 16, 32, 64, 2


def conv(i, o, k=3, stride=1, padding=None):
    padding = (1 if k > 1 else 0) if padding is None else padding
    return nn.Sequential(nn.Conv2d(i, o, k, stride=stride, padding=padding, bias=False), nn.InstanceNorm2d(o, affine=True))


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fine = conv(3, HALF, 6, 2, 0)
        self.medium = conv(HALF, QUARTER, 4, 2)
        self.coarse = conv(QUARTER, EIGHTH, 4, 2)
        self.body = nn.ModuleList([nn.Sequential(conv(EIGHTH, EIGHTH), nn.ReLU(), conv(EIGHTH, EIGHTH)) for _ in range(BLOCKS)])
        self.raise1, self.merge1 = conv(EIGHTH, QUARTER, 1), conv(QUARTER, QUARTER)
        self.raise2, self.merge2 = conv(QUARTER, HALF, 1), conv(HALF, HALF)
        self.paint = nn.Conv2d(HALF, 12, 3, padding=1)

    def forward(self, x):
        fine = F.relu(self.fine(F.pad(x, (10, 10, 10, 10), mode="reflect")))
        medium = F.relu(self.medium(fine))
        features = F.relu(self.coarse(medium))
        y = features
        for block in self.body:
            y = y + block(y)
        up = lambda t: F.interpolate(t, scale_factor=2, mode="bilinear", align_corners=False)
        y = F.relu(self.merge1(up(self.raise1(y)) + medium))
        y = F.relu(self.merge2(up(self.raise2(y)) + fine))
        return F.pixel_shuffle(self.paint(y), 2)[:, :, 8:-8, 8:-8], features[:, :, 1:-1, 1:-1]


class Vgg(nn.Module):
    def __init__(self):
        super().__init__()
        channels = [3, 64, 64, 128, 128, 256, 256, 256, 256, 512, 512]
        self.layers = nn.ModuleList([nn.Conv2d(i, o, 3) for i, o in zip(channels, channels[1:])])
        self.requires_grad_(False)

    def forward(self, x, wanted, border="constant"):
        found = {}
        for k, layer in enumerate(self.layers):
            if k in (2, 4, 8):
                x = F.max_pool2d(x, 2)
            x = F.relu(layer(F.pad(x, (1, 1, 1, 1), mode=border if k else "reflect")))
            if k in wanted:
                found[k] = x
            if k == max(wanted):
                return found


def gram(f):
    n, c, h, w = f.shape
    flat = f.reshape(n, c, h * w)
    return flat @ flat.transpose(1, 2) / (h * w)


def relative(x, target):
    return ((x - target) ** 2).sum() / ((target**2).sum() + 1e-8)


net, vgg = Net(), Vgg()
optimizer = torch.optim.Adam(net.parameters(), lr=1e-3)
photograph = torch.rand(1, 3, size, size)
picture = torch.rand(1, 3, size, size)
# relu1_1, relu2_1, relu3_1 at both sizes, relu4_1 at full size; content is relu4_2.
SHALLOW, DEEP, CONTENT = (0, 2, 4), 8, 9
with torch.no_grad():
    targets = [{k: gram(f) for k, f in vgg(level, layers).items()} for level, layers in ((picture, (*SHALLOW, DEEP)), (F.avg_pool2d(picture, 2), SHALLOW))]
shift = torch.tensor([[[1.0, 0, 0.03], [0, 1.0, -0.02]]])


def local(x):
    r, g, b = F.avg_pool2d(x, 8).unbind(1)
    y = 0.299 * r + 0.587 * g + 0.114 * b
    cells = torch.stack([y, (b - y) / 1.772, (r - y) / 1.402], 1)
    return (cells - F.avg_pool2d(cells, 9, 1, 4, count_include_pad=False)).flatten(2)


def light_and_colour(painted, photograph):
    p, s = local(painted), local(photograph)
    pp, ss, ps = (a * b for a, b in ((p, p), (s, s), (p, s)))
    light = ps[:, 0].mean() / (torch.maximum(ss[:, 0].mean(), (ss[:, 0].mean() * pp[:, 0].mean()).sqrt()) + 1e-6)
    cc, qq, cq = (x[:, 1:].sum(1).mean() for x in (ss, pp, ps))
    return 1 - light, 1 - cq / ((cc + 1e-6) * (qq + 0.05 * cc + 1e-6)).sqrt()


def shapes(x, k):
    return vgg(F.avg_pool2d(x, k), (4,), "reflect")[4]


def step():
    grid = F.affine_grid(shift, (1, 3, size, size), align_corners=True)
    moved = F.grid_sample(photograph, grid, mode="bicubic", padding_mode="border", align_corners=True)
    mask = (grid.abs().amax(3) <= 1).float()[:, None]
    noise = torch.randn(2, 3, size, size) * 0.02
    painted, features = net((torch.cat([photograph, moved]) + noise).clamp(0, 1))
    y, later = painted[:1], painted[1:]
    middle = slice(size // 4, 3 * size // 4)
    with torch.no_grad():
        subject = vgg(photograph[:, :, middle, middle], (CONTENT,))[CONTENT]
        places = [shapes(photograph, k) for k in (4, 8)]
    full, half = vgg(y[:, :, middle, middle], (*SHALLOW, DEEP, CONTENT)), vgg(F.avg_pool2d(y, 2), SHALLOW)
    far = [sum(relative(gram(f[k]), target[k]) for k in SHALLOW) / 3 for f, target in zip((full, half), targets)]
    style = (sum(far) + relative(gram(full[DEEP]), targets[0][DEEP])) / 3
    structure = sum(relative(shapes(y, k), place) for k, place in zip((4, 8), places)) / 2
    light, colour = light_and_colour(y, photograph)
    loss = 30 * style + 1.5 * (relative(full[CONTENT], subject) + structure) + 2 * light + 1.5 * colour
    steps = (painted[:, :, 1:] - painted[:, :, :-1]).pow(2).mean() + (painted[..., 1:] - painted[..., :-1]).pow(2).mean()
    loss = loss + steps + 10 * (F.relu(painted - 1).pow(2).mean() + F.relu(-painted).pow(2).mean())
    warped = F.grid_sample(y.detach(), grid, padding_mode="border", align_corners=True)
    variance = (later - later.mean((2, 3), keepdim=True)).pow(2).mean()
    loss = loss + 30 * (((later - warped) * mask) ** 2).sum() / (3 * mask.sum()) / (variance + 1e-3)
    coarse = F.avg_pool2d(grid.permute(0, 3, 1, 2), 8).permute(0, 2, 3, 1)
    before = F.grid_sample(features[:1].detach(), coarse, padding_mode="border", align_corners=True)
    loss = loss + 10 * relative(features[1:], before)
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    nn.utils.clip_grad_norm_(net.parameters(), 1)
    optimizer.step()
    return loss.item()


for line in sys.stdin:
    times = []
    for _ in range(int(line)):
        start = time.perf_counter()
        step()
        times.append((time.perf_counter() - start) * 1000)
    print(*[f"{t:.1f}" for t in times], flush=True)
