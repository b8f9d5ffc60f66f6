import { basename } from 'node:path';
import { MediaError, OptionError } from '../errors.js';
import type { RunningOutputs } from './outputs/running.js';
import type { LookBook, ShowControls } from './show/controls.js';
import { checkNumbers } from './show/numbers.js';
import { saveSnapshot } from './show/snapshot.js';
import type { Show } from './show/types.js';

/** What can be done with a running show beside changing its settings. */
export function controlsOf(show: Pick<Show, 'newest'>, outputs: RunningOutputs, looks: LookBook): ShowControls {
  return {
    looks,
    async snapshot() {
      if (show.newest) return saveSnapshot(show.newest);
      throw new MediaError('SNAPSHOT', 'There is no picture yet.', { hint: 'Try again when the source is there.' });
    },
    async record(file = `stylecast-${timestamp()}.mp4`) {
      // Who may control a show from afar must not write elsewhere.
      if (file !== basename(file) || /[\\:\0]/.test(file) || file.startsWith('.')) {
        throw new OptionError('RECORD_FILE', `file is "${file.slice(0, 60)}"; expected the name of a file.`, {
          hint: 'Name it for example show.mp4: it comes into the folder where stylecast was started.',
        });
      }
      return outputs.start({ kind: 'record', path: file });
    },
    async publish(url, kilobits) {
      checkNumbers({ kilobits });
      return outputs.start({ kind: 'publish', url, ...(kilobits === undefined ? {} : { kilobits }) });
    },
    stop: (kind, name) => outputs.stop(kind, name),
  };
}

function timestamp(): string {
  return new Date().toISOString().slice(0, 19).replace('T', '-').replaceAll(':', '');
}
