import { basename } from 'node:path';
import { MediaError, OptionError } from '../errors.js';
import type { RunningOutputs } from './outputs/running.js';
import type { ShowControls } from './show/controls.js';
import { checkNumbers } from './show/numbers.js';
import { saveSnapshot } from './show/snapshot.js';
import type { Show } from './show/types.js';

/** What can be done with a running show beside changing its settings. */
export function controlsOf(
  show: Pick<Show, 'newest'>,
  outputs: RunningOutputs,
  { looks, styles }: Pick<ShowControls, 'looks' | 'styles'>,
): ShowControls {
  return {
    looks,
    styles,
    async snapshot() {
      if (show.newest) return saveSnapshot(show.newest);
      throw new MediaError('SNAPSHOT', 'There is no picture yet.', { hint: 'Try again when the source is there.' });
    },
    async record(file = `stylecast-${timestamp()}.mp4`) {
      checkName('file', file, 'show.mp4');
      return outputs.start({ kind: 'record', path: file });
    },
    async hls(folder = 'stylecast-hls') {
      checkName('folder', folder, 'stream');
      return outputs.start({ kind: 'hls', folder });
    },
    async publish(url, kilobits) {
      checkNumbers({ kilobits });
      return outputs.start({ kind: 'publish', url, ...(kilobits === undefined ? {} : { kilobits }) });
    },
    stop: (kind, name) => outputs.stop(kind, name),
  };
}

/** Who may control a show from afar must not write elsewhere than where it was started. */
function checkName(what: string, name: string, example: string): void {
  if (name === basename(name) && name !== '' && !/[\\:\0]/.test(name) && !name.startsWith('.')) return;
  throw new OptionError('RECORD_FILE', `${what} is "${name.slice(0, 60)}"; expected the name of a ${what}.`, {
    hint: `Name it for example ${example}: it comes into the folder where stylecast was started.`,
  });
}

function timestamp(): string {
  return new Date().toISOString().slice(0, 19).replace('T', '-').replaceAll(':', '');
}
