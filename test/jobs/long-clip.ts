import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { ffmpeg } from '../fixtures/ffmpeg.js';

const sample = (name: string) => fileURLToPath(new URL(`../../samples/${name}`, import.meta.url));

/**
 * A clip of uneven frames, two a second on the average, with sound and chapters: a shot of 60 frames, one of 180 with a
 * moving camera, and one of 60. It makes four segments.
 */
export function longClip(path: string, size = '160x90'): string {
  const chapters = `${path}.txt`;
  const chapter = (start: number, end: number) => `[CHAPTER]\nTIMEBASE=1/1000\nSTART=${start}\nEND=${end}\n`;
  writeFileSync(chapters, `;FFMETADATA1\n${chapter(0, 50_000)}title=One\n${chapter(50_000, 150_000)}title=Two\n`);
  const scaled = `scale=${size.replace('x', ':')},setsar=1`;
  const far = `[1:v]trim=end_frame=2,select='eq(n,1)',loop=179:1,setpts=N/24/TB,crop=w=iw/2:h=ih/2:x='n*1.3':y=ih/4`;
  const graph = [
    `[0:v]trim=end_frame=60,${scaled}[a]`,
    `${far},${scaled}[b]`,
    `[2:v]trim=start_frame=100:end_frame=160,setpts=PTS-STARTPTS,${scaled}[c]`,
    `[a][b][c]concat=n=3,setpts='(N+0.3*mod(N*7,3)/2)/2/TB',settb=1/12800[v]`,
  ];
  ffmpeg(
    ...['-i', sample('basketball.mp4'), '-i', sample('launch.mp4'), '-i', sample('launch.mp4')],
    ...['-f', 'lavfi', '-i', 'sine=sample_rate=8000:duration=150', '-i', chapters],
    ...['-filter_complex', graph.join(';'), '-map', '[v]', '-map', '3:a', '-map_chapters', '4'],
    ...['-c:v', 'libx264', '-preset', 'ultrafast', '-crf', '12', '-pix_fmt', 'yuv420p', '-vsync', 'passthrough'],
    ...['-enc_time_base', '1/12800', path],
  );
  return path;
}
