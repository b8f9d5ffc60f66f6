#!/usr/bin/python3
"""Light and colour kept, region by region: light_colour(source, painted) -> (light, colour), each [n], 1 = all kept, 0 = nothing.
source, painted: [n, 3, h, w] RGB in [0, 1], one size (h, w at least 48). Everything is differentiable in `painted`.

1. opponent colours: Y = .299 R + .587 G + .114 B, Cb = (B - Y) / 1.772, Cr = (R - Y) / 1.402
2. cells: means of 8x8 px (strokes are left alone)
3. local differences: cell - mean of the 9x9 cells (72 px) around it (only those inside the picture)
   s of the source, p of the painting; N cells
4. light  = sum(sY pY) / max(sum(sY^2), sqrt(sum(sY^2) sum(pY^2)))
   = correlation of local luma contrast, times the share of contrast kept where the painting has less than the source.
5. colour: c = (sCb, sCr), q = (pCb, pCr), both less what follows sY (regressed on sY, slope only), [2, N];
   colour = 1 - |c - B' q|^2 / |c|^2, B = (q q' / N + (SHARE v + FLOOR) I)^-1 q c' / N, v = |c|^2 / 2N:
   how much of the source's colour differences can be read linearly from the painting's, one map for the whole picture
   (a style may move hues, but alike everywhere). The ridge lets weaker colour count less: with 1, 0.3, 0.1 of the
   source's colour contrast 0.995, 0.87, 0.31. A grey painting has 0; so has camouflage.
As losses: 1 - light, 1 - colour. Crops without colour (v < 1e-5): leave the colour term out."""
import sys, os
import torch, torch.nn.functional as F

CELL, RADIUS, SHARE, FLOOR = 8, 4, .05, 1e-6

def opponent(x):
    y = (x * x.new_tensor([.299, .587, .114]).reshape(1, 3, 1, 1)).sum(1, keepdim=True)
    return torch.cat([y, (x[:, 2:3] - y) / 1.772, (x[:, 0:1] - y) / 1.402], 1)

def local(x):
    h, w = x.shape[2] // CELL * CELL, x.shape[3] // CELL * CELL
    t, l = (x.shape[2] - h) // 2, (x.shape[3] - w) // 2
    c = F.avg_pool2d(opponent(x[:, :, t:t + h, l:l + w]), CELL)
    return c - F.avg_pool2d(c, 2 * RADIUS + 1, 1, RADIUS, count_include_pad=False)

def light_colour(source, painted):
    s, p = local(source).flatten(2), local(painted).flatten(2)             # [n, 3, N]
    n = s.shape[2]
    sy, py = s[:, 0], p[:, 0]
    ss, pp, sp = (sy * sy).sum(1), (py * py).sum(1), (sy * py).sum(1)
    tiny = 1e-9 * n
    light = sp / torch.maximum(ss, (ss * pp + tiny ** 2).sqrt()).clamp_min(tiny)
    def beyond(x):                                                         # less what follows the source's luma
        return x - (x * sy[:, None]).sum(2, keepdim=True) / (ss[:, None, None] + tiny) * sy[:, None]
    c, q = beyond(s[:, 1:]), beyond(p[:, 1:])                              # [n, 2, N]
    v = (c ** 2).sum((1, 2)) / (2 * n)
    cov = q @ q.transpose(1, 2) / n + (SHARE * v + FLOOR)[:, None, None] * torch.eye(2, dtype=q.dtype, device=q.device)
    b = torch.linalg.solve(cov, q @ c.transpose(1, 2) / n)
    rest = c - b.transpose(1, 2) @ q
    colour = 1 - (rest ** 2).sum((1, 2)) / ((c ** 2).sum((1, 2)) + tiny)
    return light, colour

if __name__ == '__main__':  # light_colour.py <source folder> <result folder>...
    import numpy as np
    from PIL import Image
    def pic(path, size=None):
        im = Image.open(path).convert('RGB')
        if size and im.size != size: im = im.resize(size, Image.LANCZOS)
        return torch.from_numpy(np.asarray(im).astype('f4') / 255).permute(2, 0, 1)[None]
    def found(d, n): return next((f'{d}/{n}.{e}' for e in ('png', 'jpg') if os.path.exists(f'{d}/{n}.{e}')), None)
    src = sys.argv[1]
    for d in sys.argv[2:]:
        rows = []
        for n in sorted(os.path.splitext(f)[0] for f in os.listdir(src)):
            if not found(d, n): continue
            S = pic(found(src, n)); rows.append([float(v) for v in light_colour(S, pic(found(d, n), (S.shape[3], S.shape[2])))])
        m = np.mean(rows, 0); print(f'{d[-34:]:34} light {m[0]:.3f}  colour {m[1]:.3f}  ({len(rows)})', *(f'{a:.2f}/{b:.2f}' for a, b in rows))
