// Random combinations of input, output format, part, size, codec, pixel format and preset through the decoder and the
// encoder: none may end without an error and without a stream that nobody was told of, none with an unclear error.
//
//   node bench/random-files.mjs FOLDER [--count 500] [--seed N] [--from N] [--encoder-preset ultrafast]
//
// FOLDER holds videos of any kind, for example recordings, clips of telephones and films with subtitles. --from goes on
// with the same seed; with --encoder-preset all encoders work as fast as that, else one in five as it comes.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { VideoSource } from '../dist/media/files/decode.js';
import { CODECS, ENCODER_PRESETS } from '../dist/media/files/encode/codecs.js';
import { VideoSink } from '../dist/media/files/encode/encode.js';
import { inspectVideo } from '../dist/media/files/inspect.js';
import { removeCopy } from '../dist/media/files/pictures/animated-webp.js';
import { containerOf } from '../dist/media/tracks/container.js';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    count: { type: 'string', default: '500' },
    seed: { type: 'string' },
    from: { type: 'string', default: '0' },
    'encoder-preset': { type: 'string' },
  },
});
const [folder] = positionals;
if (folder === undefined) throw new Error('Name a folder of videos.');
const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31));
console.log(`seed ${seed}`);

/** A generator of numbers in [0, 1): mulberry32. */
function numbers(start) {
  let state = start;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
const random = numbers(seed);
const pick = (list) => list[Math.floor(random() * list.length)];

const inputs = readdirSync(folder, { recursive: true })
  .map((name) => join(folder, name))
  .filter((path) => statSync(path).isFile() && !/\.(md|txt|json|png|jpe?g)$/.test(path))
  .sort();
const OUTPUTS = ['.mp4', '.mov', '.mkv', '.webm', '.ts', '.gif', '.webp'];
/** Even, odd, and as small as encoders take. */
const SIZES = [
  ...[
    { width: 96, height: 54 },
    { width: 96, height: 64 },
    { width: 65, height: 64 },
    { width: 66, height: 67 },
  ],
  ...[
    { width: 160, height: 90 },
    { width: 33, height: 19 },
  ],
];
const PIXEL_FORMATS = ['yuv420p', 'yuv422p', 'yuv444p', 'yuv420p10le'];
const place = mkdtempSync(join(tmpdir(), 'stylecast-random-'));
const tally = { fine: 0, refused: 0, wrong: 0 };

try {
  for (let n = 0; n < Number(values.count); n++) {
    const input = pick(inputs);
    const output = join(place, `${n}${pick(OUTPUTS)}`);
    const codec = pick(containerOf(output).video);
    const part = {
      ...(random() < 0.5 ? { start: Math.round(random() * 4000) / 1000 } : {}),
      ...(random() < 0.5 ? { duration: Math.round(50 + random() * 3000) / 1000 } : {}),
    };
    const chosen = random() < 0.8 ? 'ultrafast' : pick(ENCODER_PRESETS);
    const preset = values['encoder-preset'] ?? chosen;
    const options = {
      ...{ codec, size: pick(SIZES) },
      ...(random() < 0.2 ? { pixelFormat: pick(PIXEL_FORMATS) } : {}),
      ...(CODECS[codec].presets ? { encoderPreset: preset } : {}),
      ...(CODECS[codec].crf && random() < 0.3 ? { crf: Math.floor(random() * CODECS[codec].crf.most) } : {}),
      ...(random() < 0.1 ? { denoise: true } : {}),
    };
    const what = `${n} ${input} -> ${output.slice(output.lastIndexOf('.'))} ${JSON.stringify({ ...part, ...options })}`;
    if (n < Number(values.from)) continue;
    const verdict = await tryOne(input, output, part, options);
    tally[verdict.kind]++;
    if (verdict.kind !== 'fine') console.log(`${verdict.kind}: ${what}: ${verdict.why}`);
    rmSync(output, { force: true });
  }
} finally {
  rmSync(place, { recursive: true, force: true });
}
console.log(`${tally.fine} fine, ${tally.refused} refused with a code, ${tally.wrong} wrong`);
process.exit(tally.wrong > 0 ? 1 : 0);

async function tryOne(input, output, part, { size, denoise, ...options }) {
  let source;
  let sink;
  let info;
  try {
    info = await inspectVideo(input);
    sink = await VideoSink.open(output, info, size, { ...part, ...options });
    source = new VideoSource(info, { ...part, size, denoise: denoise ?? false, alphaKept: sink.alpha });
    for await (const frame of source) await sink.write(frame);
    await sink.close();
    const why = missing(info, output, source.end.frames, [...source.notes, ...sink.notes], part);
    return why ? { kind: 'wrong', why } : { kind: 'fine' };
  } catch (error) {
    await sink?.abort();
    const known =
      error.code && error.hint && error.code !== 'MEDIA_FFMPEG_FAILED' && error.code !== 'MEDIA_FRAMES_LOST';
    return { kind: known ? 'refused' : 'wrong', why: `${error.code} ${error.message}` };
  } finally {
    if (info?.copy) await removeCopy({ path: info.copy });
  }
}

/** What is not in the result and was not told; undefined where all is well. */
function missing(info, output, frames, notes, part) {
  if (output.endsWith('.webp')) return statSync(output).size > 0 ? undefined : 'no picture';
  const out = execFileSync('ffprobe', ['-v', 'error', '-of', 'json', '-show_streams', '-count_packets', output]);
  const { streams } = JSON.parse(out);
  const picture = streams.find((each) => each.codec_type === 'video' && !each.disposition.attached_pic);
  if (!picture) return 'no picture';
  // ffprobe reads no animated WebP, whose frames that are alike are one, and a GIF has at most fifty a second.
  const counted = !/\.(gif|webp)$/.test(output);
  if (counted && Number(picture.nb_read_packets) !== frames) return `${picture.nb_read_packets} of ${frames} frames`;
  for (const { type, index } of info.others) {
    if (type !== 'audio' && type !== 'cover' && type !== 'subtitle') continue;
    if (notes.some((note) => note.includes(`stream ${index} (`) && note.includes('left out'))) continue;
    const kind = type === 'cover' ? 'video' : type;
    const there = streams.filter((each) => each.codec_type === kind && each !== picture).length;
    const kept = info.others.filter(
      (each) =>
        each.type === type &&
        !notes.some((note) => note.includes(`stream ${each.index} (`) && note.includes('left out')),
    ).length;
    if (there < kept) return `${there} of ${kept} streams of ${type}`;
  }
  const sound = streams.filter((each) => each.codec_type === 'audio');
  if (Object.keys(part).length === 0 && sound.some((each) => Number(each.nb_read_packets) === 0))
    return 'a silent track';
  return undefined;
}
