// One stage of the line by itself, or the whole, on one clip. Prints {frames, seconds, firstFrame} as JSON.
// usage: node bench/stage.mjs idle|decode|network|encode|whole <clip> <style> [output]
import { openPainter, openStyle, probe, stylizeFrames, stylizeVideo, VideoSink, VideoSource } from '../dist/index.js';

const [stage, clip, styleName, output] = process.argv.slice(2);
const style = await openStyle(styleName);
const info = await probe(clip);
const size = { width: info.video.width, height: info.video.height };
const SAMPLE = 48;

/** The first frames of the clip. */
async function read(count) {
  const frames = [];
  for await (const frame of new VideoSource(info)) {
    frames.push(frame);
    if (frames.length === count) break;
  }
  return frames;
}

/** As many frames as the clip has, from a few: forwards and backwards, so that motion stays continuous. */
async function* bounce(frames, count, copy) {
  const { timeBase } = frames[0].pts;
  const step = frames[1].pts.value - frames[0].pts.value;
  for (let n = 0; n < count; n++) {
    const turn = n % (2 * frames.length - 2);
    const frame = frames[turn < frames.length ? turn : 2 * frames.length - 2 - turn];
    yield { ...frame, data: copy ? frame.data.slice() : frame.data, pts: { value: n * step, timeBase } };
  }
}

async function paint(source) {
  const opened = await openPainter(style, size);
  const painted = [];
  for await (const frame of stylizeFrames(source, opened)) painted.push(frame);
  await opened.painter.close();
  return painted;
}

const count = info.video.frames;
let frames = 0;
let firstFrame;
let began;
const start = () => {
  began = performance.now();
};
const tick = () => {
  frames++;
  firstFrame ??= (performance.now() - began) / 1000;
};

if (stage === 'idle') {
  start();
} else if (stage === 'decode') {
  start();
  for await (const _ of new VideoSource(info)) tick();
} else if (stage === 'network') {
  const opened = await openPainter(style, size);
  const some = await read(8);
  for await (const _ of stylizeFrames(bounce(some, 2 * opened.painter.sessions, true), opened));
  start();
  for await (const _ of stylizeFrames(bounce(some, count, true), opened)) tick();
  await opened.painter.close();
} else if (stage === 'encode') {
  const painted = await paint(await read(SAMPLE).then((some) => bounce(some, some.length, true)));
  start();
  const sink = await VideoSink.open(output, info, size);
  for await (const frame of bounce(painted, count, false)) {
    await sink.write(frame);
    tick();
  }
  await sink.close();
} else if (stage === 'encode-setup') {
  await paint(await read(SAMPLE).then((some) => bounce(some, some.length, true)));
  start();
} else if (stage === 'network-setup') {
  const opened = await openPainter(style, size);
  const some = await read(8);
  for await (const _ of stylizeFrames(bounce(some, 2 * opened.painter.sessions, true), opened));
  await opened.painter.close();
  start();
} else {
  start();
  const result = await stylizeVideo({
    input: clip,
    output,
    style,
    overwrite: true,
    onProgress: () => (firstFrame ??= (performance.now() - began) / 1000),
  });
  frames = result.frames;
}
console.log(JSON.stringify({ frames, seconds: (performance.now() - began) / 1000, firstFrame }));
