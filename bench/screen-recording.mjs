// node bench/screen-recording.mjs <output.mkv> [--seconds 12] [--crf n]
// A screen recording made of nothing: somebody types four letters a second below a page of text, pauses to read, and
// scrolls for half a second in ten. 1280×720 at 30 frames a second, without loss or with the loss of --crf.
// npm run bench -- --against <ref> recording.mkv then tells what it takes.
import { execFileSync } from 'node:child_process';
import { parseArgs } from 'node:util';

const { values, positionals } = parseArgs({
  options: { seconds: { type: 'string', default: '12' }, crf: { type: 'string' } },
  allowPositionals: true,
});
const [output] = positionals;
if (!output) {
  console.error('usage: node bench/screen-recording.mjs <output.mkv> [--seconds 12] [--crf n]');
  process.exit(1);
}
const [PER_SECOND, TYPING, PERIOD] = [4, 6, 10];
const WORDS = 'the quick brown fox jumps over a lazy dog while five wizards box with liquor jugs '.repeat(8);

const page = ['color=0xf4f1ea:size=1280x960:rate=30'];
for (let line = 0; line < 28; line++) {
  const text = WORDS.slice(line * 7, line * 7 + 60 + ((line * 13) % 30));
  page.push(`drawtext=text='${text}':x=60:y=${20 + 34 * line}:fontsize=22:fontcolor=0x26303a`);
}
// By a quarter of the screen in the last half second of each period.
const scrolled = `180*(floor(t/${PERIOD})+clip((mod(t,${PERIOD})-${PERIOD - 0.5})*2,0,1))`;
page.push(`crop=1280:720:0:'min(240,${scrolled})'`, 'drawbox=x=0:y=640:w=1280:h=80:color=0xdfe6ee:t=fill');
let typed = 0;
for (let at = 0; at < Number(values.seconds); at += 1 / PER_SECOND) {
  if (at % PERIOD >= TYPING) continue;
  const place = `x=${40 + 15 * (typed % 80)}:y=668`;
  page.push(`drawtext=text='${WORDS[typed]}':${place}:fontsize=24:fontcolor=0x101418:enable='gte(t,${at})'`);
  typed++;
}
const quality =
  values.crf === undefined ? ['-preset', 'ultrafast', '-qp', '0'] : ['-preset', 'veryfast', '-crf', values.crf];
execFileSync('ffmpeg', [
  ...['-v', 'error', '-y', '-f', 'lavfi', '-i', page.join(','), '-t', values.seconds],
  ...['-c:v', 'libx264', ...quality, '-pix_fmt', 'yuv420p', output],
]);
