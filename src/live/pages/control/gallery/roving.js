/** Arrow keys: steps to the right and down. */
const DIRECTIONS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** The element among some that a key leads to from one of them; undefined where it leads nowhere. */
export function reached(key, from, elements) {
  if (key === 'Home') return elements[0];
  if (key === 'End') return elements.at(-1);
  return key in DIRECTIONS ? beside(from, elements, DIRECTIONS[key]) : undefined;
}

/** The nearest element in a direction, by position on the page. */
function beside(element, elements, [right, down]) {
  const from = element.getBoundingClientRect();
  let nearest;
  let least = Number.POSITIVE_INFINITY;
  for (const other of elements) {
    const to = other.getBoundingClientRect();
    const [x, y] = [to.left - from.left, to.top - from.top];
    const along = x * right + y * down;
    // Distance off the axis counts more.
    const distance = along + 4 * Math.abs(right ? y : x);
    if (along > 1 && distance < least) {
      nearest = other;
      least = distance;
    }
  }
  return nearest;
}
