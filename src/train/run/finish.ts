import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { writeModel } from '../../graph/onnx/write.js';
import type { Model } from '../../graph/types.js';
import type { Manifest } from '../../model/manifest/types.js';
import { saveStyle } from '../../model/save.js';
import { NETWORK_MULTIPLE } from '../../nets/network.js';
import { writeRunFile } from '../../write-file.js';
import type { NetworkMeasurement } from '../report/measure.js';
import { trainingRecord } from '../report/record.js';
import { type ReportContents, reportPage } from '../report/report.js';
import { addThumbnails } from '../report/thumbnails.js';
import type { Checkpoint } from '../weights/checkpoint.js';
import { collapses } from './collapse.js';
import type { TrainingContext } from './context.js';
import type { RunOutcome, TrainResult } from './run.js';

/** What was measured of a finished network. */
export interface Measured {
  readonly measured: NetworkMeasurement;
  /** By style for a network of many; `measured` is their mean. */
  readonly styles?: readonly (readonly [name: string, measured: NetworkMeasurement])[];
}

/** What a method has made of the trained parameters. */
export interface FinishedNetwork {
  readonly model: Model;
  /** What the manifest has beyond that of a single style, and the files that it names. */
  readonly part?: { readonly manifest: Partial<Manifest>; readonly files: Readonly<Record<string, Uint8Array>> };
  /** Pictures that could not be read, beside photographs. */
  readonly broken?: ReadonlyMap<string, string>;
  /** What was noticed on the way; default: when its balance with a discriminator failed. */
  readonly notes?: readonly string[];
  measure(): Promise<Measured>;
}

/**
 * Ends a training that ran all of its stages: saves the preset with its thumbnails, measures the network, and writes the
 * report.
 *
 * @throws PresetError; TrainError TRAIN_CHECKPOINT, TRAIN_SESSION.
 */
export async function finishTraining(
  context: TrainingContext,
  { state, strip }: RunOutcome,
  { model, part, broken, notes, measure }: FinishedNetwork,
): Promise<TrainResult> {
  const manifest = { ...manifestOf(context, state), ...part?.manifest };
  const files = part?.files ?? {};
  const preset = await saveStyle(context.options.output, manifest, writeModel(model), { overwrite: true, files });
  await addThumbnails(preset, { threads: context.threads });
  const { history } = state;
  return reportTraining(context, await measure(), {
    history,
    notes: notes ?? collapses(history),
    seconds: state.elapsed / 1000,
    steps: state.before + state.done,
    preview: await readFile(strip.path).catch(() => undefined),
    ...(broken ? { broken } : {}),
  });
}

/** What a report tells of the course of a training. */
type Course = Pick<ReportContents, 'history' | 'notes' | 'seconds' | 'steps' | 'preview' | 'shown'> &
  Pick<FinishedNetwork, 'broken'>;

/** Writes the report of a training, and tells the result. @param file its name. @throws TrainError TRAIN_CHECKPOINT. */
export async function reportTraining(
  { options, settings, network, photographs, training }: ReportedContext,
  { measured, styles }: Measured,
  { broken, ...course }: Course,
  file = 'report.html',
): Promise<TrainResult> {
  const brokenPhotos = new Map([...photographs.broken, ...(broken ?? [])]);
  const judged = styles ? { styles } : {};
  const title = basename(options.output);
  const page = reportPage({ title, settings, lossNetwork: network.name, measured, ...judged, ...course, brokenPhotos });
  await writeRunFile(join(training, file), Buffer.from(page));
  return {
    preset: options.output,
    interrupted: false,
    training,
    steps: course.steps,
    losses: course.history.at(-1)?.losses ?? {},
    measured,
    ...(styles ? { styles: Object.fromEntries(styles) } : {}),
    brokenPhotos,
  };
}

/** What a report tells of the training itself. */
type ReportedContext = Pick<TrainingContext, 'options' | 'settings' | 'network' | 'photographs' | 'training'>;

/** The result of a training that was stopped. */
export function stoppedResult({ training, photographs }: TrainingContext, state: Checkpoint): TrainResult {
  return {
    preset: undefined,
    interrupted: true,
    training,
    steps: state.before + state.done,
    losses: state.history.at(-1)?.losses ?? {},
    brokenPhotos: photographs.broken,
  };
}

/** How much of the source's fine detail the paintings of a trained style keep: eyes and letters, and its strokes as they are. */
const KEPT_DETAIL = 0.6;

/** The methods that learn strokes from pictures; others learn how a whole picture is to look, detail included. */
const STYLE_METHODS = new Set(['single', 'modulated']);

/** The manifest of the trained preset of one style. */
function manifestOf({ options, settings, network, photographs, credits }: TrainingContext, state: Checkpoint) {
  const picture = { type: 'float32', layout: 'nchw', channels: 'rgb', range: [0, 1] } as const;
  const name = basename(options.output);
  const steps = state.before + state.done;
  return {
    format: 1 as const,
    name,
    title: name,
    description: '',
    tier: settings.tier,
    licence: 'unstated',
    credits,
    input: { ...picture, name: 'image', multiple: NETWORK_MULTIPLE },
    output: { ...picture, name: 'stylized' },
    inputs: [],
    state: [],
    ...(STYLE_METHODS.has(settings.method) ? { detail: KEPT_DETAIL } : {}),
    training: trainingRecord(options, settings, { steps, learned: photographs, lossNetwork: network.name }),
  };
}
