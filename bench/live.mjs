// npm run bench -- live [--only delay,drawn,viewers,memory] [--style name] [--seconds n] [--minutes n] [--viewers n] [--json]
// How late a live picture is. ffmpeg draws the time into the source; a client reads it out of what it gets:
//   delay    from the frame drawn to the frame received by a Node client, 640x360 at 30 frames a second
//   drawn    the same to drawn in Chromium, through a network that changes nothing
//   viewers  CPU of the server with many viewers and with one
//   memory   resident memory over some minutes
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import sharp from 'sharp';
import { GraphBuilder } from '../dist/graph/builder.js';
import { writeModel } from '../dist/graph/onnx/write.js';
import { connect } from '../dist/live/protocol/client.js';
import { findFfmpeg } from '../dist/media/ffmpeg/binaries.js';
import { ageOf, readStrip, STRIP, stripSource } from './strip.mjs';

const { values } = parseArgs({
  args: process.argv.slice(3),
  options: {
    style: { type: 'string', default: 'great-wave' },
    seconds: { type: 'string', default: '15' },
    minutes: { type: 'string', default: '1' },
    viewers: { type: 'string', default: '50' },
    only: { type: 'string', default: 'delay,drawn,viewers,memory' },
    json: { type: 'boolean', default: false },
  },
});
const SIZE = { width: 640, height: 360, fps: 30 };
const CHROMIUM = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium';
const WARM_UP = 5000;
const seconds = Number(values.seconds);
const folder = mkdtempSync(join(tmpdir(), 'stylecast-bench-'));
const clock = () => performance.timeOrigin + performance.now();
const quantile = (numbers, share) => numbers.sort((a, b) => a - b)[Math.floor(numbers.length * share)];
const tell = (text) => {
  if (!values.json) console.log(text);
};

/** Runs a show over the strip, calls `measure` with it, and ends it. */
async function withShow(style, measure) {
  const port = 20_000 + Math.floor(Math.random() * 20_000);
  const address = `tcp://127.0.0.1:${port}`;
  const { path } = await findFfmpeg();
  const args = [
    ...stripSource(SIZE),
    '-c:v',
    'rawvideo',
    '-threads',
    '1',
    '-pix_fmt',
    'yuv420p',
    '-flush_packets',
    '1',
    '-f',
    'nut',
  ];
  const camera = spawn(path, [...args, `${address}?listen=1`], { stdio: ['ignore', 'ignore', 'inherit'] });
  const server = spawn(
    process.execPath,
    [join(import.meta.dirname, 'live-serve.mjs'), style, address, String(SIZE.fps)],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
  const lines = createInterface({ input: server.stdout })[Symbol.asyncIterator]();
  const next = async () => JSON.parse((await lines.next()).value);
  try {
    const { urls } = await next();
    const usage = () => {
      server.stdin.write('usage\n');
      return next();
    };
    return await measure({ urls, usage });
  } finally {
    const gone = new Promise((resolve) => server.once('exit', resolve));
    server.stdin.end('stop\n');
    await gone;
    camera.kill('SIGKILL');
  }
}

/** How old the frames are that a Node client gets, in milliseconds. */
async function delays({ urls, usage }, duration) {
  const received = [];
  const client = connect(urls.overlay, {
    onFrame: (frame) => received.push({ at: clock(), capturedAt: frame.capturedAt, image: frame.image.slice() }),
  });
  await wait(WARM_UP);
  received.length = 0;
  await wait(duration * 1000);
  const { stats } = await usage();
  client.close();
  const ages = [];
  const before = [];
  for (const { at, capturedAt, image } of received) {
    const picture = sharp(image).extract({ left: 0, top: 0, width: SIZE.width, height: STRIP }).greyscale();
    const { data, info } = await picture.raw().toBuffer({ resolveWithObject: true });
    const time = readStrip((x, y) => data[(y * info.width + x) * info.channels], SIZE.width);
    ages.push(ageOf(time, at));
    before.push(ageOf(time, capturedAt));
  }
  return { ages, before: quantile(before, 0.5), stats };
}

const summary = (ages, duration) => ({
  frames: ages.length,
  fps: ages.length / duration,
  median: quantile(ages, 0.5),
  p95: quantile(ages, 0.95),
});

async function measureDelay() {
  return withShow(values.style, async (show) => {
    const { ages, before, stats } = await delays(show, seconds);
    return { ...summary(ages, seconds), before, latency: stats.latency, working: stats.working };
  });
}

/** To drawn in Chromium: the page's canvas is read in every animation frame. */
async function measureDrawn() {
  if (!existsSync(CHROMIUM)) return undefined;
  const { chromium } = await import('playwright-core');
  return withShow(identityPreset(), async ({ urls }) => {
    const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
    try {
      const page = await browser.newPage({ viewport: { width: SIZE.width, height: SIZE.height } });
      await page.goto(urls.overlay);
      await page.waitForFunction(() => document.querySelector('canvas').width === 640);
      await wait(WARM_UP);
      const ages = await page.evaluate(watchCanvas, { duration: seconds * 1000, row: STRIP >> 1, width: SIZE.width });
      return summary(
        ages.map(([time, at]) => ageOf(time, at)),
        seconds,
      );
    } finally {
      await browser.close();
    }
  });
}

/** Runs in the page: the times that the canvas shows, and when each was seen first. */
function watchCanvas({ duration, row, width }) {
  const canvas = document.querySelector('canvas');
  const context = canvas.getContext('2d');
  const seen = [];
  const end = performance.now() + duration;
  return new Promise((resolve) => {
    const look = () => {
      const { data } = context.getImageData(0, row, width, 1);
      let time = 0;
      for (let bit = 0; bit < 16; bit++) if (data[4 * Math.floor(((bit + 0.5) * width) / 16)] > 128) time += 2 ** bit;
      if (time !== seen.at(-1)?.[0]) seen.push([time, performance.timeOrigin + performance.now()]);
      if (performance.now() < end) requestAnimationFrame(look);
      else resolve(seen.slice(1));
    };
    look();
  });
}

/** Share of a core that the server takes with one viewer and with many, which run in a process of their own. */
async function measureViewers() {
  return withShow(values.style, async (show) => {
    const share = async (count) => {
      const script = join(import.meta.dirname, 'live-watch.mjs');
      const viewers = spawn(process.execPath, [script, show.urls.overlay, String(count)], { stdio: 'inherit' });
      await wait(WARM_UP);
      const before = await show.usage();
      await wait(seconds * 1000);
      const after = await show.usage();
      viewers.kill();
      await wait(500);
      return { cores: (after.cpu - before.cpu) / seconds, fps: after.stats.fpsOut, viewers: after.stats.viewers };
    };
    const one = await share(1);
    const many = await share(Number(values.viewers));
    return { one, many, more: many.cores - one.cores };
  });
}

/** Resident memory after a warm-up and at the end of some minutes, with one viewer. */
async function measureMemory() {
  return withShow(values.style, async (show) => {
    const client = connect(show.urls.overlay, { onFrame: () => undefined });
    const samples = [];
    const end = performance.now() + Number(values.minutes) * 60_000;
    while (performance.now() < end) {
      await wait(Math.min(5000, end - performance.now()));
      samples.push((await show.usage()).resident);
    }
    client.close();
    const third = Math.max(1, Math.floor(samples.length / 3));
    return {
      first: quantile(samples.slice(0, third), 0.5),
      last: quantile(samples.slice(-third), 0.5),
      most: Math.max(...samples),
    };
  });
}

/** A preset that gives pictures back as they are. */
function identityPreset() {
  const graph = new GraphBuilder('identity');
  graph.output('stylized', graph.op('Identity', [graph.input('image', 'float32', [1, 3, 'H', 'W'])]));
  const model = writeModel(graph.build());
  const path = join(folder, 'identity');
  mkdirSync(path, { recursive: true });
  writeFileSync(join(path, 'model.onnx'), model);
  const sha256 = createHash('sha256').update(model).digest('hex');
  const manifest = {
    format: 1,
    name: 'identity',
    tier: 'lite',
    model: { sha256, bytes: model.length },
    input: { name: 'image' },
    output: { name: 'stylized' },
  };
  writeFileSync(join(path, 'preset.json'), JSON.stringify(manifest));
  return path;
}

const ms = (value) => `${value.toFixed(0)} ms`;
const megabytes = (bytes) => `${(bytes / 2 ** 20).toFixed(0)} MiB`;
/** What is measured, and how it is told. */
const MEASURES = {
  delay: {
    measure: measureDelay,
    text: ({ median, p95, fps, before, latency, working }) =>
      `median ${ms(median)}, p95 ${ms(p95)}, ${fps.toFixed(1)} fps (asked: 100, 200 ms)
           until captured ${ms(before)}, wait ${ms(latency.wait)}, paint ${ms(latency.paint)} at ${working.height} lines, encode ${ms(latency.encode)}, delivery ${ms(latency.delivery)}`,
  },
  drawn: {
    measure: measureDrawn,
    text: ({ median, p95, fps }) => `median ${ms(median)}, p95 ${ms(p95)}, ${fps.toFixed(1)} fps (asked: 60 ms)`,
  },
  viewers: {
    measure: measureViewers,
    text: ({ one, many, more }) =>
      `${one.cores.toFixed(2)} cores for 1 at ${one.fps.toFixed(0)} fps, ${many.cores.toFixed(2)} for ${many.viewers} at ${many.fps.toFixed(0)}: ${(100 * more).toFixed(0)} % of a core more (asked: 15 %)`,
  },
  memory: {
    measure: measureMemory,
    text: ({ first, last, most }) =>
      `${megabytes(first)} in the first third of ${values.minutes} min, ${megabytes(last)} in the last, ${megabytes(most)} at most`,
  },
};
const results = { cpu: cpus()[0].model, cores: availableParallelism(), load: loadavg()[0], style: values.style };
try {
  tell(`${results.cpu}, ${results.cores} cores, load ${results.load.toFixed(1)}; ${values.style}, 640x360, 30 fps`);
  for (const name of values.only.split(',')) {
    const { measure, text } = MEASURES[name];
    const result = await measure();
    results[name] = result ?? null;
    tell(`  ${name.padEnd(8)} ${result ? text(result) : 'no Chromium'}`);
  }
  if (values.json) console.log(JSON.stringify(results));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
