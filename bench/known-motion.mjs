// node bench/known-motion.mjs <folder>
// Writes the exact motion of the clips camera_pan, camera_pan_subpixel and camera_zoom (640×360) as .flo files, for
// stylecast eval --clips camera_*.mp4 --flow <folder>.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeFlo } from '../dist/quality/motion/flo.js';
import { motionFlow } from '../dist/quality/motion/flow.js';
import { shift, zoom } from '../dist/quality/motion/motion.js';

const CLIPS = {
  camera_pan: shift(-2, -1),
  camera_pan_subpixel: shift(-1.37, 0.61),
  camera_zoom: zoom(1.4 ** (1 / 119), 320, 180),
};

const [folder] = process.argv.slice(2);
if (!folder) {
  console.error('node bench/known-motion.mjs <folder>');
  process.exit(1);
}
mkdirSync(folder, { recursive: true });
for (const [clip, motion] of Object.entries(CLIPS)) {
  writeFileSync(join(folder, `${clip}.flo`), writeFlo(motionFlow(motion, 640, 360)));
}
