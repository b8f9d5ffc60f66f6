/** Where a pixel of the earlier frame is in the later one, in pixels. */
export type Motion = (x: number, y: number) => readonly [x: number, y: number];

/** Everything moves by so many pixels a frame. */
export function shift(dx: number, dy: number): Motion {
  return (x, y) => [x + dx, y + dy];
}

/** Everything moves away from a centre by a factor a frame. */
export function zoom(factor: number, centreX: number, centreY: number): Motion {
  return (x, y) => [centreX + (x - centreX) * factor, centreY + (y - centreY) * factor];
}
