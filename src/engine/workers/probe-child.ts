// A process that probes one device: crashes and hangs are confined to it.
import { messageOf } from '../../errors.js';
import { Painter } from '../painter/painter.js';
import type { ProbeJob, ProbeMeasurement, ProbeResult } from '../select/probe-device.js';

const began = performance.now();
const FEWEST = 3;
const MOST = 200;

async function measure({ spec, sessions, picture, measureMs }: ProbeJob): Promise<ProbeMeasurement> {
  const painter = await Painter.open(spec, sessions);
  const { width, height } = spec;
  let count = 0;
  const paint = () => {
    const data = picture.slice() as Uint8Array<ArrayBuffer>;
    // The network would not run for the same picture again.
    data[0]! += count++;
    return painter.paint({ data, width, height, pts: { value: 0, timeBase: { num: 1, den: 1 } } });
  };
  const { data: result } = await paint();
  const startSeconds = (performance.now() - began) / 1000;
  // Warms up every session: compilation and allocation on first use do not count.
  await Promise.all(Array.from({ length: sessions }, paint));

  const times: number[] = [];
  const since = performance.now();
  const share = sessions > 1 ? 0.3 : 1;
  while (times.length < FEWEST || (times.length < MOST && performance.now() - since < measureMs * share)) {
    const start = performance.now();
    await paint();
    times.push(performance.now() - start);
  }
  times.sort((a, b) => a - b);
  const quantile = (q: number) => times[Math.min(times.length - 1, Math.floor(q * times.length))]!;
  const fps = sessions === 1 ? 1000 / quantile(0.5) : await together(paint, sessions, measureMs * (1 - share));
  const memory = process.memoryUsage.rss();
  return { result, startSeconds, p50: quantile(0.5), p95: quantile(0.95), fps, memory, mixed: painter.mixed };
}

/** Pictures per second with all sessions busy. */
async function together(paint: () => Promise<unknown>, sessions: number, ms: number): Promise<number> {
  const since = performance.now();
  let painted = 0;
  const run = async () => {
    do {
      await paint();
      painted++;
    } while (performance.now() - since < ms);
  };
  await Promise.all(Array.from({ length: sessions }, run));
  return (1000 * painted) / (performance.now() - since);
}

// The parent ends this process once it has the result: closing a device may hang or crash too.
process.once('message', async (job: ProbeJob) => {
  const answer: ProbeResult = await measure(job).then(
    (measured) => ({ measured }),
    (error) => ({ failure: messageOf(error).replace(/^The network cannot run: /, '') }),
  );
  process.send?.(answer);
});
process.once('disconnect', () => process.kill(process.pid, 'SIGKILL'));
