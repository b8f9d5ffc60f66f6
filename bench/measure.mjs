// A stage of the line, run in a process of its own and measured from outside.
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export const median = (numbers) => [...numbers].sort((a, b) => a - b)[numbers.length >> 1];

/** The first sample of a checkout. */
export function sampleOf(root) {
  const folder = join(root, 'samples');
  return join(
    folder,
    readdirSync(folder).find((name) => name.endsWith('.mp4')),
  );
}

/** `seconds` of a clip at 30 frames a second, begun again where it ends, cropped to a size. */
export async function makeClip(source, { width, height }, seconds, folder) {
  const clip = join(folder, `${width}x${height}-${seconds}.mp4`);
  const scale = `scale=${width}:${height}:force_original_aspect_ratio=increase,crop=${width}:${height},fps=30,format=yuv420p`;
  const input = ['-v', 'error', '-stream_loop', '-1', '-i', source, '-t', String(seconds)];
  await run('ffmpeg', [...input, '-vf', scale, '-c:v', 'libx264', '-crf', '20', '-c:a', 'aac', clip]);
  return clip;
}

/**
 * Runs a stage (bench/stage.mjs) of a checkout: `{frames, seconds, firstFrame, cpu, peak}`. CPU seconds are those of
 * ffmpeg too, `peak` is the most resident memory in bytes.
 */
export async function runStage(root, name, clip, style, output) {
  const command = `node "$1/bench/stage.mjs" "\${@:2}"; times`;
  const child = run('bash', ['-c', command, 'bench', root, name, clip, style, output], { maxBuffer: 1e8, cwd: root });
  let peak = 0;
  const watch = setInterval(() => (peak = Math.max(peak, resident(child.child.pid))), 50);
  const { stdout, stderr } = await child.finally(() => clearInterval(watch));
  const [json, , children] = stdout.trim().split('\n');
  if (!json?.startsWith('{')) throw new Error(`${name} of ${root} failed:\n${stderr}`);
  const cpu = children.split(' ').reduce((sum, text) => {
    const [, minutes, seconds] = /(\d+)m([\d.]+)s/.exec(text);
    return sum + minutes * 60 + Number(seconds);
  }, 0);
  return { ...JSON.parse(json), cpu, peak };
}

/** Resident bytes of a process and all below it (Linux). */
function resident(pid) {
  try {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean);
    const status = readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ');
    return Number(status[1]) * 4096 + children.reduce((sum, child) => sum + resident(child), 0);
  } catch {
    return 0;
  }
}
