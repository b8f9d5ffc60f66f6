import { expect } from 'vitest';
import { LookFile } from '#src/live/settings/look-file.js';
import type { ShowControls, StyleBook } from '#src/live/show/controls.js';

/** Of a show whose styles cannot be changed. */
const NO_BOOK = new Proxy({} as StyleBook, { get: () => expect.unreachable('no styles are to be changed') });

/** What is asked of a show beside its settings, and looks on disk. */
export function deskOf(path: string, styles: StyleBook = NO_BOOK) {
  const asked: unknown[][] = [];
  const controls: ShowControls = {
    looks: new LookFile(path),
    styles,
    snapshot: async () => 'stylecast-1.png',
    record: async (file) => {
      asked.push(['record', file]);
      return `record ${file}`;
    },
    publish: async (url, kilobits) => {
      asked.push(['publish', url, kilobits]);
      return 'rtmp://***';
    },
    hls: async (folder) => {
      asked.push(['hls', folder]);
      return `hls ${folder}`;
    },
    stop: async (kind, name) => {
      asked.push(['stop', kind, name]);
      return name === undefined ? [] : [name];
    },
  };
  return { asked, controls };
}
