import { InvalidArgumentError } from 'commander';
import type { Queue, QueuedOptions, QueueEntry } from '../../../index.js';
import { number, type SharedOptions } from '../../options.js';
import { clock } from '../../report.js';

/** Options of every command of the queue. */
export interface QueueOptions {
  readonly queue?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** What is given for videos, and to the command. */
export type Given = SharedOptions & QueueOptions & { readonly recursive?: boolean };

/** What is written down of a video. */
export function queued(given: Given, input: string, output: string): QueuedOptions {
  const { queue: _, json: __, quiet: ___, recursive: ____, ...options } = given;
  return { ...(options as QueuedOptions), input, output };
}

/** Opens the queue that is named. */
export async function open({ queue }: QueueOptions): Promise<Queue> {
  const { openQueue } = await import('../../../index.js');
  return openQueue(queue);
}

/** How far an entry is, and how long it will take. */
export function howFar({ frames, total, left }: QueueEntry): string {
  const share = total === undefined ? `${frames}` : `${frames}/${total}`;
  return left === undefined ? share : `${share}, ${clock(left)} left`;
}

/** A whole number as typed. */
export function count(text: string): number {
  const value = number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('Expected a whole number from 1 on.');
  return value;
}
