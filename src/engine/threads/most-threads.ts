import { availableParallelism } from 'node:os';

/** CPU threads that can be asked for, at most: twice the cores. More only cost memory and time. */
export const MOST_THREADS = 2 * availableParallelism();
