import type { Frame } from '../frame.js';
import { escapeHtml } from '../html.js';
import { sharp } from '../media/sharp.js';

/** One style on a sheet. */
export interface SheetRow {
  readonly title: string;
  /** Beside the title, in grey. */
  readonly remark: string;
  /** RGB24, all of one size. */
  readonly frames: readonly Frame[];
}

const CELL = 240;
const GAP = 4;
const MARGIN = 16;
const LABEL = 26;
/** Beyond so many styles there are two columns. */
const ONE_COLUMN = 4;

/** Lays rows of frames with their titles on a sheet, in one or two columns; the frames are scaled to 240 pixels. */
export async function drawSheet(rows: readonly SheetRow[]): Promise<Frame> {
  const { width: w, height: h } = rows[0]!.frames[0]!;
  const across = Math.max(...rows.map(({ frames }) => frames.length));
  const cell = { width: CELL, height: Math.max(1, Math.round((CELL * h) / w)) };
  const columns = rows.length > ONE_COLUMN ? 2 : 1;
  const down = Math.ceil(rows.length / columns);
  const block = { width: across * (CELL + GAP) + MARGIN, height: LABEL + cell.height + MARGIN };
  const width = MARGIN + columns * block.width;
  const height = MARGIN + down * block.height;
  const layers = rows.flatMap(({ title, remark, frames }, n) => {
    const left = MARGIN + Math.floor(n / down) * block.width;
    const top = MARGIN + (n % down) * block.height;
    return [
      Promise.resolve({ input: label(title, remark, block.width - MARGIN), left, top }),
      ...frames.map(async (frame, i) => ({
        ...{ input: await scaled(frame, cell), raw: { ...cell, channels: 3 as const } },
        ...{ left: left + i * (CELL + GAP), top: top + LABEL },
      })),
    ];
  });
  const white = Buffer.alloc(width * height * 3, 255);
  const sheet = sharp(white, { raw: { width, height, channels: 3 } }).composite(await Promise.all(layers));
  const data = new Uint8Array(await sheet.removeAlpha().raw().toBuffer()) as Uint8Array<ArrayBuffer>;
  return { data, width, height, pts: { value: 0, timeBase: { num: 1, den: 1 } } };
}

function scaled({ data, width, height }: Frame, to: { width: number; height: number }): Promise<Buffer> {
  const pixels = Buffer.from(data.buffer, data.byteOffset, data.length);
  return sharp(pixels, { raw: { width, height, channels: 3 } })
    .resize(to.width, to.height, { fit: 'fill' })
    .raw()
    .toBuffer();
}

function label(title: string, remark: string, width: number): Buffer {
  const text = (x: string, anchor: string, style: string, words: string) =>
    `<text x="${x}" y="17" text-anchor="${anchor}" font-family="sans-serif" font-size="15" ${style}>${escapeHtml(words)}</text>`;
  const parts = [
    text('0', 'start', 'font-weight="bold"', title),
    text(String(width - GAP), 'end', 'fill="#555"', remark),
  ];
  return Buffer.from(
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${LABEL}">${parts.join('')}</svg>`,
  );
}
