// What a style out of many costs beside a style of its own: CPU time a live picture of 640×360, one thread, in turns.
// usage: node bench/styles.mjs <preset of many styles> <preset of one style, same tier> <another>
import { LivePainter } from '../dist/engine/painter/live-painter.js';
import { openStyle } from '../dist/index.js';
import { namedStyle } from '../dist/model/blend.js';

const [many, one, other] = await Promise.all(process.argv.slice(2, 5).map((name) => openStyle(name)));
const picture = { width: 640, height: 360 };
const [ROUNDS, PICTURES] = [10, 4];
const painter = await LivePainter.open({ picture, device: 'cpu', threads: 1 });
const [first, second] = many.manifest.modulation.styles.map(({ name }) => namedStyle(many, name));
for (const style of [first, second, one, other]) await painter.load(style, picture);
const only = (style) => [{ name: style.name, weight: 1 }];
const both = (a, b) => [a, b].map(({ name }) => ({ name, weight: 0.5 }));
const cases = {
  'one style of its own': only(one),
  'one style of many': only(first),
  'two of many, blended': both(first, second),
  'two of their own, blended': both(one, other),
};
const times = Object.fromEntries(Object.keys(cases).map((name) => [name, []]));
const data = Uint8Array.from({ length: 640 * 360 * 3 }, (_, i) => (i * 7) % 256);
for (let round = 0; round < ROUNDS; round++) {
  for (const [name, styles] of Object.entries(cases)) {
    const before = process.cpuUsage();
    for (let i = 0; i < PICTURES; i++) {
      const look = { styles, strength: 1, keepColors: false, mirror: false, mask: 'none' };
      await painter.paint(data.slice(), look);
    }
    const { user, system } = process.cpuUsage(before);
    times[name].push((user + system) / 1000 / PICTURES);
  }
}
await painter.close();
const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];
const [base] = Object.values(times).map(median);
for (const [name, list] of Object.entries(times)) {
  const ms = median(list);
  console.log(`${name.padEnd(28)} ${ms.toFixed(1)} ms of CPU a picture, ${(ms / base).toFixed(2)}`);
}
