import type { Command } from 'commander';
import { OptionError } from '../errors.js';
import type { ServerOptions } from '../live.js';
import { number } from './options.js';
import { secret } from './secret.js';

/** Options of every command that serves pages. */
export interface PageOptions {
  readonly port?: number;
  readonly host?: string;
  readonly token?: string;
  readonly viewToken?: string;
  readonly viewers?: number;
  readonly tls?: boolean;
  readonly cert?: string;
  readonly key?: string;
}

/** Adds the options of every command that serves pages. */
export function pageOptions(command: Command): Command {
  return command
    .option('--port <N>', 'port of the pages (default: 8090)', number)
    .option('--host <address>', 'where to listen: 0.0.0.0 for the whole network (default: 127.0.0.1)')
    .option('--token <text|@file>', 'what controllers need to know (default: made up, if other machines are served)')
    .option('--view-token <text|@file>', 'what viewers need to know (default: nothing)')
    .option('--viewers <N>', 'viewers from other machines, at most (default: 250)', number)
    .option('--tls', 'https, which cameras of phones need')
    .option('--cert <file>', 'certificate for --tls, PEM (default: one is made)')
    .option('--key <file>', 'its private key, PEM');
}

/** Server options from command-line options. */
export function serverOf({ port, host, viewers, tls, cert, key, ...tokens }: PageOptions): ServerOptions {
  if ((cert === undefined) !== (key === undefined)) {
    throw new OptionError('TLS_PAIR', `--${cert ? 'cert' : 'key'} is given alone; expected --cert and --key.`, {
      hint: 'Give both, or --tls alone: a certificate is made then.',
    });
  }
  const own = cert !== undefined && key !== undefined ? { cert, key } : undefined;
  const token = secret('--token', tokens.token, 'STYLECAST_TOKEN');
  const viewToken = secret('--view-token', tokens.viewToken, 'STYLECAST_VIEW_TOKEN');
  return given({ port, host, token, viewToken, viewers, tls: own ?? tls });
}

/** @throws OptionError `BROADCAST_OPTION` when an option for pages is given where none are served */
export function refusePageOptions(options: PageOptions): void {
  for (const [name, flag] of Object.entries(FLAGS)) {
    if (options[name as keyof PageOptions] === undefined) continue;
    throw new OptionError('BROADCAST_OPTION', `${flag} is given without --broadcast.`, {
      hint: `Add --broadcast, or leave ${flag} out.`,
    });
  }
}

const FLAGS: Record<keyof PageOptions, string> = {
  port: '--port',
  host: '--host',
  token: '--token',
  viewToken: '--view-token',
  viewers: '--viewers',
  tls: '--tls',
  cert: '--cert',
  key: '--key',
};

type Given<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** Removes undefined fields. */
export function given<T extends object>(values: T): Given<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Given<T>;
}
