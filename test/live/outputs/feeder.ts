import { onTestFinished } from 'vitest';
import { type OutputOptions, type OutputSpec, openOutput } from '#src/live/outputs/open.js';
import type { Output } from '#src/live/outputs/output.js';
import { LiveSource, type SourceSpec } from '#src/media/live/source.js';

/** Milliseconds that painting takes in these tests. */
const PAINTING = 150;

/** An output, and every state that it was in. */
export interface Opened {
  readonly output: Output;
  readonly states: string[];
}

/** Opens an output that is closed at the end of the test, and keeps its states. */
export async function opened(spec: OutputSpec, options: Omit<OutputOptions, 'onState'>): Promise<Opened> {
  const states: string[] = [];
  const output = await openOutput(spec, { ...options, onState: (state) => states.push(state) });
  onTestFinished(() => output.close());
  return { output, states };
}

/** Opens a source that is closed at the end of the test. */
export async function openedSource(spec: SourceSpec): Promise<LiveSource> {
  const source = await LiveSource.open(spec, { audio: true });
  onTestFinished(() => source.close());
  return source;
}

/** Frames from a source to outputs, each as late as painting would make it; until the source ends or is closed. */
export async function feed(source: LiveSource, outputs: readonly Output[]): Promise<void> {
  const late: Promise<void>[] = [];
  for (let frame = await source.next(); frame; frame = await source.next()) {
    const painted = frame;
    late.push(
      new Promise((done) =>
        setTimeout(() => {
          for (const output of outputs) output.write(painted);
          done();
        }, PAINTING),
      ),
    );
  }
  await Promise.all(late);
}
