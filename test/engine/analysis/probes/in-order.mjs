// Paints pictures in their order in a process of its own, which a driver may crash, and prints the last result.
import { readFileSync } from 'node:fs';
import { Painter } from '#src/engine/painter/painter.js';

const { spec, pictures } = JSON.parse(readFileSync(0, 'utf8'));
const model = Uint8Array.from(Buffer.from(spec.paint.model, 'base64'));
const painter = await Painter.open({ ...spec, paint: { ...spec.paint, model } }, 1);
const { width, height } = spec;
const pts = { value: 0, timeBase: { num: 1, den: 1 } };
let last;
for (const data of pictures) last = await painter.paint({ data: Uint8Array.from(data), width, height, pts });
process.stdout.write(JSON.stringify({ mixed: painter.mixed, data: [...last.data] }));
await painter.close();
