// A process that tries a style as a live show will run it: whatever hangs ends with it.
import { LivePainter } from '../painter/live-painter.js';
import type { StyleTrial } from '../select/style-trials.js';
import { serveProcess } from '../threads/limited-process.js';

serveProcess(async ({ style, picture, working, device, threads, steady }: StyleTrial): Promise<true> => {
  const painter = await LivePainter.open({ picture, device, threads, steady });
  await painter.load(style, working);
  const data = new Uint8Array(picture.width * picture.height * 3).fill(128);
  const styles = [{ name: style.name, weight: 1 }];
  await painter.paint(data, { styles, strength: 1, keepColors: false, mirror: false, mask: 'none' });
  return true;
});
