import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { messageOf, OptionError } from '../../errors.js';
import { type Ranking, rank, type Vote } from './bradley-terry.js';

const FILE = z.object({
  kind: z.literal('stylecast votes'),
  votes: z.array(
    z.object({
      photograph: z.string(),
      left: z.string(),
      right: z.string(),
      choice: z.enum(['left', 'right', 'equal']),
    }),
  ),
});

/**
 * The votes that blind pages have saved, of all files together.
 *
 * @throws OptionError `EVAL_VOTES` when a file cannot be read, is none of votes, or there are no votes at all.
 */
export async function readVotes(files: readonly string[]): Promise<Vote[]> {
  const votes: Vote[] = [];
  for (const file of files) votes.push(...(await votesOf(file)));
  if (votes.length > 0) return votes;
  throw new OptionError('EVAL_VOTES', `There are no votes in ${files.join(', ')}; expected at least one.`, {
    hint: 'Vote on the blind page first, then save the votes.',
  });
}

async function votesOf(file: string): Promise<Vote[]> {
  try {
    return FILE.parse(JSON.parse(await readFile(file, 'utf8'))).votes;
  } catch (cause) {
    const reason = cause instanceof z.ZodError ? z.prettifyError(cause).split('\n')[0] : messageOf(cause);
    throw new OptionError('EVAL_VOTES', `${file} holds no votes that can be read: ${reason}`, {
      hint: 'Name the files that the blind page of "stylecast eval --report" has saved.',
      cause,
    });
  }
}

/** Rankings by votes, and the tables of text that show them. */
export function rankVotes(votes: readonly Vote[]): { readonly rankings: Ranking[]; readonly tables: string[][][] } {
  const rankings = rank(votes);
  const share = (value: number) => value.toFixed(2);
  const interval = ({ chance, low, high }: { chance: number; low: number; high: number }) => [
    share(chance),
    share(low),
    share(high),
  ];
  const tables = rankings.flatMap(({ ranked, pairs }) => [
    [
      ['painter', 'pairs', 'won', 'equal', 'lost', 'liked', 'from', 'to'],
      ...ranked.map(({ name, won, equal, lost, ...chance }) => [
        name,
        ...[won + equal + lost, won, equal, lost].map(String),
        ...interval(chance),
      ]),
    ],
    ...(ranked.length > 2
      ? [
          [
            ['painter', 'other', 'liked', 'from', 'to'],
            ...pairs.map(({ name, other, ...chance }) => [name, other, ...interval(chance)]),
          ],
        ]
      : []),
  ]);
  return { rankings, tables };
}
