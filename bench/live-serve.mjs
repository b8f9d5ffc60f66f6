// A live show as `stylecast live` runs it, but for the strip that carries the time, which is put back as it was after
// painting. Started by bench/live.mjs: prints its address as JSON, and answers each line on standard input with its
// CPU seconds, those of ffmpeg included, and its resident bytes.
// usage: node bench/live-serve.mjs <style> <url of the source> <fps>
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { createInterface } from 'node:readline';
import { LivePainter } from '../dist/engine/painter/live-painter.js';
import { openStyle } from '../dist/index.js';
import { LiveShow } from '../dist/live/loop/show.js';
import { startServer } from '../dist/live/server/server.js';
import { Gallery } from '../dist/live/settings/gallery.js';
import { DEFAULT_SETTINGS } from '../dist/live/settings/settings.js';
import { LiveSource } from '../dist/media/live/source.js';
import { STRIP } from './strip.mjs';

const [styleName, url, fps] = process.argv.slice(2);
const say = (value) => process.stdout.write(`${JSON.stringify(value)}\n`);
const onNote = (note) => process.stderr.write(`${note}\n`);

const source = await LiveSource.open({ kind: 'url', url }, { fps: Number(fps), onState: () => undefined });
const painter = await LivePainter.open({ picture: source.size });
const rows = source.size.width * STRIP * 3;
const unstyled = {
  load: (...given) => painter.load(...given),
  unload: (...given) => painter.unload(...given),
  async paint(data, look) {
    const strip = data.slice(0, rows);
    const painted = await painter.paint(data, look);
    painted.data.set(strip);
    return painted;
  },
};
const show = await LiveShow.open({
  source,
  painter: unstyled,
  gallery: await Gallery.open([await openStyle(styleName)]),
  settings: { ...DEFAULT_SETTINGS, style: (await openStyle(styleName)).name },
  fps: Number(fps),
  threads: availableParallelism(),
  onNote,
});
const server = await startServer(show, { port: 0, log: onNote });
const running = show.run();
say({ urls: server.localUrls, pid: process.pid });

for await (const line of createInterface({ input: process.stdin })) {
  if (line === 'stop') break;
  say({ ...usage(), stats: server.stats() });
}
show.close();
await source.close();
await running;
await server.close();
await painter.close();

/** CPU seconds and resident bytes of this process and its children (Linux). */
function usage() {
  const ticks = 100;
  const of = (pid) => {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
      const resident = Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]) * 4096;
      const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(of);
      const own = { cpu: (Number(stat[11]) + Number(stat[12])) / ticks, resident };
      return children.reduce((sum, one) => ({ cpu: sum.cpu + one.cpu, resident: sum.resident + one.resident }), own);
    } catch {
      return { cpu: 0, resident: 0 };
    }
  };
  return of(process.pid);
}
