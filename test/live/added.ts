import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { AddedStyles } from '#src/live/settings/gallery/added-styles.js';
import { Gallery } from '#src/live/settings/gallery/gallery.js';
import { GalleryBook } from '#src/live/settings/gallery/style-book.js';
import { deskOf } from './desk.js';
import { afterTest, Stand } from './stand.js';

/** A picture with strokes of a colour. */
export function painting(color: string, { width = 120, height = 90 } = {}): Promise<Buffer> {
  const strokes = `<svg width="${width}" height="${height}"><rect width="100%" height="100%" fill="${color}"/>
    <path d="M0 20Q60 60 120 10M0 50Q60 90 120 40M0 80Q60 110 120 70" stroke="#fff" stroke-width="6" fill="none"/></svg>`;
  return sharp(Buffer.from(strokes)).jpeg().toBuffer();
}

/** A show with the real gallery, to which pictures can be added as styles, which are kept in `folder`. */
export async function galleryShow(folder = mkdtempSync(join(tmpdir(), 'stylecast-added-')), show = new Stand()) {
  const notes: string[] = [];
  const onNote = (note: string) => notes.push(note);
  const added = await AddedStyles.open(folder, onNote);
  const gallery = await Gallery.open([], {}, added);
  show.styles = gallery.cards;
  show.onStyles = (listener) =>
    gallery.onChange(() => {
      show.styles = gallery.cards;
      listener();
    });
  show.thumbnail = (name) => gallery.thumbnail(name);
  const book = new GalleryBook(added, gallery, show, onNote, ['--steps', '1', '--size', '64']);
  const { controls } = deskOf(join(folder, 'looks.json'), book);
  afterTest(async () => {
    await book.close();
    rmSync(folder, { recursive: true, force: true });
  });
  return { show, book, gallery, folder, notes, controls };
}
