// What bench/style-pictures.mjs draws with. A plane is a Float32Array, row by row; widths are passed beside it.

/** Gaussian blur with mirrored edges. */
export function blur(plane, width, height, deviation) {
  const radius = Math.ceil(deviation * 2.5);
  const weights = Array.from({ length: 2 * radius + 1 }, (_, i) =>
    Math.exp(-((i - radius) ** 2) / (2 * deviation ** 2)),
  );
  const total = weights.reduce((a, b) => a + b);
  const pass = (from, count, length, step, jump) => {
    const to = new Float32Array(from.length);
    for (let line = 0; line < count; line++) {
      for (let i = 0; i < length; i++) {
        let sum = 0;
        for (let k = -radius; k <= radius; k++)
          sum += weights[k + radius] * from[line * jump + mirror(i + k, length) * step];
        to[line * jump + i * step] = sum / total;
      }
    }
    return to;
  };
  return pass(pass(plane, height, width, 1, width), width, height, width, 1);
}

function mirror(i, length) {
  if (i < 0) return Math.min(-i, length - 1);
  return i < length ? i : Math.max(0, 2 * length - 2 - i);
}

/** The direction along edges at every pixel, as an angle and how clear it is, 0 to 1 (structure tensor). */
export function edgeDirections(plane, width, height, deviation) {
  const products = [0, 1, 2].map(() => new Float32Array(plane.length));
  for (let y = 1; y < height - 1; y++) {
    for (let x = 1; x < width - 1; x++) {
      const i = y * width + x;
      const dx = plane[i + 1] - plane[i - 1];
      const dy = plane[i + width] - plane[i - width];
      products[0][i] = dx * dx;
      products[1][i] = dy * dy;
      products[2][i] = dx * dy;
    }
  }
  const [xx, yy, xy] = products.map((product) => blur(product, width, height, deviation));
  const angle = new Float32Array(plane.length);
  const clarity = new Float32Array(plane.length);
  for (let i = 0; i < plane.length; i++) {
    angle[i] = 0.5 * Math.atan2(2 * xy[i], xx[i] - yy[i]) + Math.PI / 2;
    const difference = Math.hypot(xx[i] - yy[i], 2 * xy[i]);
    clarity[i] = (difference / (xx[i] + yy[i] + 1e-7)) * Math.min(1, difference / 4e-4);
  }
  return { angle, clarity };
}

/**
 * Contour lines, 0 to 1: a difference of Gaussians, averaged along the edges (Kang 2007), sharpened by a soft
 * threshold (Winnemöller 2011).
 */
export function contours(plane, width, height, { deviation, tau, threshold, steepness, reach }) {
  const [narrow, wide] = [blur(plane, width, height, deviation), blur(plane, width, height, deviation * 1.6)];
  const difference = narrow.map((value, i) => value - tau * wide[i]);
  const { angle } = edgeDirections(plane, width, height, deviation * 2);
  const along = new Float32Array(plane.length);
  for (let i = 0; i < plane.length; i++) {
    let sum = difference[i];
    let count = 1;
    for (const sign of [1, -1]) {
      let [x, y] = [i % width, Math.floor(i / width)];
      let [ux, uy] = [Math.cos(angle[i]) * sign, Math.sin(angle[i]) * sign];
      for (let step = 0; step < reach; step++) {
        x += ux;
        y += uy;
        if (x < 0 || y < 0 || x > width - 1 || y > height - 1) break;
        const at = Math.round(y) * width + Math.round(x);
        sum += difference[at];
        count++;
        let [vx, vy] = [Math.cos(angle[at]), Math.sin(angle[at])];
        if (vx * ux + vy * uy < 0) [vx, vy] = [-vx, -vy];
        [ux, uy] = [vx, vy];
      }
    }
    along[i] = sum / count;
  }
  return along.map((value) => (value >= threshold ? 0 : Math.tanh((threshold - value) * steepness)));
}

/**
 * Evenly spaced strokes that follow a direction (Jobard 1997), each a list of points.
 *
 * @param want the distance to the next stroke in pixels at a point; 0 where no stroke is to be.
 */
export function strokes(width, height, direction, want, random, { length, step = 2, jitter = 0 }) {
  const cell = 2;
  const [columns, rows] = [Math.ceil(width / cell), Math.ceil(height / cell)];
  const taken = new Int32Array(columns * rows);
  const crowded = (x, y, distance, own) => {
    const reach = distance / cell;
    const [cx, cy] = [x / cell, y / cell];
    for (let row = Math.max(0, Math.floor(cy - reach)); row <= Math.min(rows - 1, cy + reach); row++) {
      for (let column = Math.max(0, Math.floor(cx - reach)); column <= Math.min(columns - 1, cx + reach); column++) {
        const who = taken[row * columns + column];
        if (who !== 0 && who !== own && (column - cx) ** 2 + (row - cy) ** 2 < reach * reach) return true;
      }
    }
    return false;
  };
  const found = [];
  for (let attempt = 0; attempt < (width * height) / 12; attempt++) {
    const [x0, y0] = [random() * (width - 1), random() * (height - 1)];
    const spacing = want(x0, y0);
    if (spacing === 0 || crowded(x0, y0, spacing, 0)) continue;
    const own = found.length + 1;
    const limit = length * (0.6 + 0.8 * random());
    const bend = (random() - 0.5) * jitter;
    const halves = [1, -1].map((sign) => {
      const points = [];
      let [x, y] = [x0, y0];
      let [ux, uy] = [0, 0];
      for (let gone = 0; gone < limit / 2; gone += step) {
        const angle = direction(x, y) + bend;
        let [vx, vy] = [Math.cos(angle), Math.sin(angle)];
        if (gone === 0 ? sign < 0 : vx * ux + vy * uy < 0) [vx, vy] = [-vx, -vy];
        [ux, uy] = [vx, vy];
        x += vx * step;
        y += vy * step;
        if (x < 0 || y < 0 || x > width - 1 || y > height - 1) break;
        const here = want(x, y);
        if (here === 0 || crowded(x, y, here * 0.6, own)) break;
        points.push([x, y]);
      }
      return points;
    });
    const path = [...halves[1].reverse(), [x0, y0], ...halves[0]];
    if (path.length < 5) continue;
    for (const [x, y] of path) taken[Math.floor(y / cell) * columns + Math.floor(x / cell)] = own;
    found.push(path);
  }
  return found;
}

/**
 * Lays one stroke on a plane of ink, 0 bare to 1 covered.
 *
 * @param radius half the width in pixels in the middle; it thins out towards both ends.
 */
export function lay(ink, width, height, path, radius, strength, random) {
  const margin = Math.ceil(radius + 2);
  const [xs, ys] = [path.map(([x]) => x), path.map(([, y]) => y)];
  const left = Math.max(0, Math.floor(Math.min(...xs)) - margin);
  const top = Math.max(0, Math.floor(Math.min(...ys)) - margin);
  const right = Math.min(width - 1, Math.ceil(Math.max(...xs)) + margin);
  const bottom = Math.min(height - 1, Math.ceil(Math.max(...ys)) + margin);
  const columns = right - left + 1;
  const own = new Float32Array(columns * (bottom - top + 1));
  const phase = random() * 6.28;
  for (let p = 0; p < path.length; p++) {
    const t = p / (path.length - 1);
    const pressure =
      Math.sin(Math.PI * Math.min(1, 0.08 + t * 0.92)) ** 0.5 * (0.88 + 0.12 * Math.sin(phase + p * 0.21));
    const r = Math.max(0.45, radius * pressure);
    const [px, py] = path[p];
    for (let y = Math.max(top, Math.floor(py - r - 1)); y <= Math.min(bottom, py + r + 1); y++) {
      for (let x = Math.max(left, Math.floor(px - r - 1)); x <= Math.min(right, px + r + 1); x++) {
        const cover =
          Math.min(1, Math.max(0, r + 0.5 - Math.hypot(x - px, y - py))) * strength * (0.5 + 0.5 * pressure);
        const i = (y - top) * columns + x - left;
        if (cover > own[i]) own[i] = cover;
      }
    }
  }
  for (let y = top; y <= bottom; y++) {
    for (let x = left; x <= right; x++) {
      const cover = own[(y - top) * columns + x - left];
      if (cover > 0) ink[y * width + x] = 1 - (1 - ink[y * width + x]) * (1 - cover);
    }
  }
}

/** Smooth noise around 0 with unit deviation. */
export function noise(width, height, deviation, random) {
  const plane = Float32Array.from({ length: width * height }, () => random() - 0.5);
  const smooth = deviation > 0 ? blur(plane, width, height, deviation) : plane;
  const spread = Math.sqrt(smooth.reduce((sum, value) => sum + value * value, 0) / smooth.length);
  return smooth.map((value) => value / spread);
}

/** Numbers from 0 to 1 that depend on the seed only (mulberry32). */
export function randomNumbers(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
