import { OptionError } from '../../errors.js';
import type { LiveFrame, OutputFigures } from '../show/types.js';
import { type Output, type OutputOptions, type OutputSpec, openOutput } from './open.js';

interface Running {
  readonly kind: OutputSpec['kind'];
  readonly output: Output;
}

/** The outputs of a show, which come and go while it runs. */
export class RunningOutputs {
  private running: Running[] = [];
  private readonly recorded: string[] = [];
  private readonly failed: string[] = [];

  /** @param onNote called with each change of their state, one line each */
  constructor(
    private readonly options: Omit<OutputOptions, 'onState'>,
    private readonly onNote: (note: string) => void,
  ) {}

  /**
   * Opens an output beside those that are there; gives its name.
   *
   * @throws as `openOutput`; OptionError `OUTPUT_RUNS` where there is one of that name
   */
  async start(spec: OutputSpec): Promise<string> {
    let name = '';
    const onState = (state: string) => {
      if (state !== 'closed') this.onNote(`${name}: ${state}.`);
    };
    const output = await openOutput(spec, { ...this.options, onState });
    name = output.name;
    if (this.running.some((one) => one.output.name === name)) {
      await output.close();
      throw new OptionError('OUTPUT_RUNS', `${name} runs already.`, { hint: 'Stop it first, or name another target.' });
    }
    this.running.push({ kind: spec.kind, output });
    return name;
  }

  /** Finishes the outputs of a kind, or the one of a name; gives the names of those that were. */
  async stop(kind: OutputSpec['kind'], name?: string): Promise<string[]> {
    const ending = this.running.filter((one) => one.kind === kind && (name === undefined || one.output.name === name));
    this.running = this.running.filter((one) => !ending.includes(one));
    await Promise.all(ending.map(({ output }) => this.finish(output)));
    return ending.map(({ output }) => output.name);
  }

  /** Gives a frame to all. */
  write(frame: LiveFrame): void {
    for (const { output } of this.running) output.write(frame);
  }

  /** What is told of each, by its name. */
  get figures(): Readonly<Record<string, OutputFigures>> {
    return Object.fromEntries(this.running.map(({ kind, output }) => [output.name, { kind, ...output.figures }]));
  }

  /** Files that were recorded, and the names of the outputs that failed or whose target was never reached. */
  get outcome(): { readonly files: readonly string[]; readonly failures: readonly string[] } {
    return { files: this.recorded, failures: this.failed };
  }

  /** Finishes all. */
  async close(): Promise<void> {
    await Promise.all(this.running.splice(0).map(({ output }) => this.finish(output)));
  }

  private async finish(output: Output): Promise<void> {
    await output.close();
    if (output.file !== undefined) this.recorded.push(output.file);
    if (output.state.startsWith('failed') || output.unreached) this.failed.push(output.name);
  }
}
