import type { Command } from 'commander';
import { OptionError } from '../../../errors.js';
import type { Machines } from '../../../index.js';
import { secret } from '../../secret.js';

/** Help of `--redis`. */
export const REDIS_HELP = 'redis://[user:password@]host[:port], or rediss:// for TLS';
/** Help of `--shared`. */
export const SHARED_HELP = 'a folder that all machines see, with the videos and their results';

/** Options of every command that has other machines paint. */
export interface MachineOptions {
  readonly redis?: string | true;
  readonly shared?: string;
}

/** Adds the options of every command that has other machines paint. */
export function machineOptions(command: Command): Command {
  return command
    .optionsGroup('Many machines, see docs/scale.md:')
    .option('--redis [url|@file]', `have workers paint: ${REDIS_HELP}; alone: as STYLECAST_REDIS says`)
    .option('--shared <folder>', SHARED_HELP);
}

/**
 * Where workers are found; undefined where none are asked for.
 *
 * @throws OptionError `REDIS_OPTION` where the address or the folder is missing, `SECRET_FILE`
 */
export function machinesOf({ redis, shared }: MachineOptions): Machines | undefined {
  if (redis === undefined && shared === undefined) return undefined;
  return whereFrom(redis, shared);
}

/** @throws OptionError `REDIS_OPTION` where the address or the folder is missing, `SECRET_FILE` */
export function whereFrom(given: string | true | undefined, shared: string | undefined): Machines {
  const redis = secret('--redis', given === true ? undefined : given, 'STYLECAST_REDIS');
  if (redis === undefined) throw missing('--redis', 'redis://render-1:6379, or the variable STYLECAST_REDIS');
  if (shared === undefined) throw missing('--shared', '/mnt/films');
  return { redis, shared };
}

function missing(option: string, example: string): OptionError {
  const message = `${option} is missing: many machines need an address of Redis and a folder that all of them see.`;
  return new OptionError('REDIS_OPTION', message, { hint: `For example ${option} ${example}.` });
}
