// A process that tries a network that was made elsewhere.
import { serveProcess } from '../engine/threads/limited-process.js';
import type { Style } from '../model/style.js';
import { importInThisProcess, type KnownConventions } from './import-network.js';

/** A network, what is known of it, and the photograph to try it on. */
interface ImportJob {
  readonly bare: Style;
  readonly known: KnownConventions;
  readonly photograph: string;
}

serveProcess(({ bare, known, photograph }: ImportJob) => importInThisProcess(bare, known, photograph));
