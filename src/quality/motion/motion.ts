/** Maps a pixel of the earlier frame to its position in the later one. */
export type Motion = (x: number, y: number) => readonly [x: number, y: number];

/** Translation by a number of pixels per frame. */
export function shift(dx: number, dy: number): Motion {
  return (x, y) => [x + dx, y + dy];
}

/** Zoom around a centre by a factor per frame. */
export function zoom(factor: number, centreX: number, centreY: number): Motion {
  return (x, y) => [centreX + (x - centreX) * factor, centreY + (y - centreY) * factor];
}
