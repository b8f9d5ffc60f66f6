import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { waves } from '../reference/wave.js';

/** A folder with six small photographs, a style picture and a loss network of few channels. */
export async function trainingFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'stylecast-train-'));
  const photos = join(folder, 'photos');
  mkdirSync(join(photos, 'more'), { recursive: true });
  for (let i = 0; i < 6; i++) {
    await picture(100 + 7 * i, 90, i).toFile(
      join(photos, i % 2 ? 'more' : '.', `${i}.${['jpg', 'png', 'webp'][i % 3]}`),
    );
  }
  const style = join(folder, 'style.png');
  await picture(160, 120, 9).toFile(style);
  const lossNetwork = join(folder, 'vgg.safetensors');
  writeFileSync(lossNetwork, smallVgg());
  return { folder, photos, style, lossNetwork };
}

/** A picture of waves, different for each phase. */
export function picture(width: number, height: number, phase: number) {
  const data = Uint8Array.from({ length: width * height * 3 }, (_, i) => {
    const [x, y, c] = [Math.floor(i / 3) % width, Math.floor(i / 3 / width), i % 3];
    return 127 + 90 * Math.sin(x / (3 + phase) + phase + c) * Math.cos(y / (4 + c) - phase);
  });
  return sharp(data, { raw: { width, height, channels: 3 } });
}

/** VGG-19 to conv3_1 of few channels, as a safetensors file. */
export function smallVgg(): Buffer {
  const channels = { conv1_1: [3, 4], conv1_2: [4, 4], conv2_1: [4, 6], conv2_2: [6, 6], conv3_1: [6, 8] } as const;
  const header: Record<string, unknown> = {};
  const parts: Buffer[] = [];
  let end = 0;
  const add = (name: string, shape: number[], data: Float32Array<ArrayBuffer>) => {
    header[name] = { dtype: 'F32', shape, data_offsets: [end, end + data.byteLength] };
    end += data.byteLength;
    parts.push(Buffer.from(data.buffer));
  };
  Object.entries(channels).forEach(([name, [inner, out]], k) => {
    add(`${name}.weight`, [out, inner, 3, 3], waves(out * inner * 9, k, 0.4));
    add(`${name}.bias`, [out], waves(out, k, 0.1));
  });
  const json = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  return Buffer.concat([length, json, ...parts]);
}
