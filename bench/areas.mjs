import { blur } from './drawing.mjs';

// Flat areas of few colours, for bench/style-pictures.mjs. Planes as in drawing.mjs.

/** Each pixel becomes the mean of that one of its four neighbouring squares which varies least (Kuwahara 1976). */
export function flattened(planes, width, height, radius) {
  const sums = planes.map((plane) => [
    integral(plane, width, height),
    integral(
      plane.map((value) => value * value),
      width,
      height,
    ),
  ]);
  const result = planes.map((plane) => new Float32Array(plane.length));
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      let least = Number.POSITIVE_INFINITY;
      for (const [dx, dy] of [
        [-radius, -radius],
        [0, -radius],
        [-radius, 0],
        [0, 0],
      ]) {
        const [left, top] = [Math.max(0, x + dx), Math.max(0, y + dy)];
        const [right, bottom] = [Math.min(width, x + dx + radius + 1), Math.min(height, y + dy + radius + 1)];
        const area = (right - left) * (bottom - top);
        const means = sums.map(([one]) => within(one, width, left, top, right, bottom) / area);
        const spread = sums.reduce(
          (all, [, two], c) => all + within(two, width, left, top, right, bottom) / area - means[c] ** 2,
          0,
        );
        if (spread >= least) continue;
        least = spread;
        for (let c = 0; c < 3; c++) result[c][y * width + x] = means[c];
      }
    }
  }
  return result;
}

function integral(plane, width, height) {
  const sums = new Float64Array((width + 1) * (height + 1));
  for (let y = 0; y < height; y++) {
    let row = 0;
    for (let x = 0; x < width; x++) {
      row += plane[y * width + x];
      sums[(y + 1) * (width + 1) + x + 1] = sums[y * (width + 1) + x + 1] + row;
    }
  }
  return sums;
}

function within(sums, width, left, top, right, bottom) {
  const at = (x, y) => sums[y * (width + 1) + x];
  return at(right, bottom) - at(left, bottom) - at(right, top) + at(left, top);
}

/** Clusters of colour (k-means over opponent colours, lightness counting less). */
export function fewColours(planes, count, random) {
  const [r, g, b] = planes;
  const features = [
    r.map((_, i) => 0.9 * (0.299 * r[i] + 0.587 * g[i] + 0.114 * b[i])),
    r.map((_, i) => 1.3 * (r[i] - g[i])),
    r.map((_, i) => 1.0 * ((r[i] + g[i]) / 2 - b[i])),
  ];
  const at = (i) => features.map((feature) => feature[i]);
  const distance = (i, centre) => features.reduce((sum, feature, c) => sum + (feature[i] - centre[c]) ** 2, 0);
  const sample = Array.from({ length: 20000 }, () => Math.floor(random() * r.length));
  // The first centres lie far apart, so that small areas of a strong colour get one of their own.
  const centres = [at(sample[0])];
  while (centres.length < count) {
    const far = sample.map((i) => Math.min(...centres.map((centre) => distance(i, centre))));
    const total = far.reduce((sum, value) => sum + value, 0);
    let left = random() * total;
    let next = 0;
    while (next < far.length - 1 && left > far[next]) left -= far[next++];
    centres.push(at(sample[next]));
  }
  const nearest = (i) => {
    let best = 0;
    for (let k = 1; k < count; k++) if (distance(i, centres[k]) < distance(i, centres[best])) best = k;
    return best;
  };
  for (let round = 0; round < 15; round++) {
    const sums = centres.map(() => [0, 0, 0, 0]);
    for (const i of sample) {
      const sum = sums[nearest(i)];
      at(i).forEach((value, c) => {
        sum[c] += value;
      });
      sum[3]++;
    }
    sums.forEach(([x, y, z, n], k) => {
      if (n > 0) centres[k] = [x / n, y / n, z / n];
    });
  }
  const label = Uint8Array.from(r, (_, i) => nearest(i));
  const colours = centres.map((_, k) => {
    const sum = [0, 0, 0];
    let n = 1e-9;
    for (let i = 0; i < label.length; i++) {
      if (label[i] !== k) continue;
      for (let c = 0; c < 3; c++) sum[c] += planes[c][i];
      n++;
    }
    return sum.map((value) => value / n);
  });
  return { label, colours };
}

/** Labels whose borders are as smooth as a brush would draw them. */
export function outlinedAreas(label, width, height, count, deviation) {
  const best = new Float32Array(label.length).fill(-1);
  const result = new Uint8Array(label.length);
  for (let k = 0; k < count; k++) {
    const share = blur(
      Float32Array.from(label, (value) => Number(value === k)),
      width,
      height,
      deviation,
    );
    for (let i = 0; i < share.length; i++) {
      if (share[i] > best[i]) [best[i], result[i]] = [share[i], k];
    }
  }
  return result;
}
