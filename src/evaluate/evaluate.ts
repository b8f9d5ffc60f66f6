import { availableParallelism } from 'node:os';
import type { Style } from '../model/style.js';
import { openStyle } from '../pipeline/style.js';
import { openLossNetwork } from '../quality/loss-network.js';
import { OpticalFlow } from '../quality/motion/flow.js';
import { COMPARED_FRAMES, measureClip } from './measures/clip.js';
import { PictureComparison } from './measures/comparison.js';
import type { EvaluationContext } from './measures/context.js';
import { DomainComparison } from './measures/domain.js';
import { measureFlicker, measurePhotographs, SCENE_FRAMES, SCENES } from './measures/still.js';
import { distinctNames, emptyMeasurements, meanColumns } from './measures/style-measurements.js';
import { lossNetworkNotes, paintingNotes, targetNotes } from './notes.js';
import { checkEvaluateOptions, type EvaluateOptions } from './options.js';
import { ProgressCounter } from './progress.js';
import { summary } from './report/summary.js';
import type { Evaluation } from './results.js';
import { PaintingFolder } from './sources/painting-folder.js';
import { type Clip, firstFrames, openClip, openPhotographs, sampleClips } from './sources/scenes.js';
import { matchTargets } from './sources/targets.js';

/**
 * Measures styles and paintings made elsewhere: distance to their pictures, preservation of the source, flicker, and
 * cost. Clips are streamed, once for their motion and once for each style.
 *
 * @throws OptionError `OPTION_VALUE`, `EVAL_STYLE_PICTURE`, `EVAL_PAINTINGS`; MediaError `EVAL_NO_SCENES`, `EVAL_FLOW`,
 * `EVAL_TOO_SMALL`, `EVAL_DOMAIN` and as decoding; PresetError; EngineError; TrainError `TRAIN_WEIGHTS`,
 * `TRAIN_PICTURE`; EngineError `EVAL_OPENCV` where clips are measured, and `EVAL_FACES` where faces are looked for, and
 * the package for it is missing; the signal's reason.
 */
export async function evaluateStyles(options: EvaluateOptions): Promise<Evaluation> {
  const { frames, height, most } = checkEvaluateOptions(options);
  const { steady = true, denoise = false, paintings = [], faces = false, photos, signal, onNote } = options;
  const styles: Style[] = [];
  for (const style of options.styles) {
    styles.push(typeof style === 'string' ? await openStyle(style, onNote) : style);
  }
  const network = await openLossNetwork(options.lossNetwork);
  const { pictures, own } = await matchTargets(styles, options.stylePictures ?? [], paintings);
  const files = options.clips ?? (photos === undefined ? await sampleClips() : []);
  // Fails before anything is measured if the package is missing.
  if (files.length > 0) await OpticalFlow.open();
  const clips: Clip[] = [];
  for (const file of files) clips.push(await openClip(file, frames, height, denoise));
  const photographs = photos === undefined ? [] : await openPhotographs(photos, { height, most }, onNote);
  const folders: PaintingFolder[] = [];
  for (const given of paintings) folders.push(await PaintingFolder.open(given, photographs));
  const painters = [...styles, ...folders];
  const names = distinctNames(painters.map(({ name }) => name));
  const notes = [
    ...(pictures.length > 0 ? targetNotes(painters, own) : []),
    ...lossNetworkNotes(network),
    ...(await paintingNotes(folders, photographs)),
  ];
  for (const note of notes) onNote?.(note);
  const still = photographs.length > 0 ? photographs : await firstFrames(clips);
  const scenes = still.filter((_, i) => i % Math.ceil(still.length / SCENES) === 0);

  const counter = new ProgressCounter(signal, options.onProgress);
  const moving = clips.reduce((sum, { count }) => sum + count, 0);
  counter.expect('flow', moving - clips.length);
  counter.expect('compare', clips.length * COMPARED_FRAMES * (1 + styles.length));
  counter.expect('compare', photographs.length * (1 + painters.length));
  counter.expect('paint', (moving + scenes.length * SCENE_FRAMES) * styles.length);
  counter.expect('paint', photographs.length * painters.length);

  const threads = options.threads ?? availableParallelism();
  const comparison = await PictureComparison.open(network, {
    pictures: pictures.map(({ file }) => file),
    threads,
    faces,
  });
  const domain =
    options.domain === undefined
      ? undefined
      : await DomainComparison.open(options.domain, network, { height, threads, signal, onNote });
  const measurements = [
    ...styles.map((style, at) => emptyMeasurements(style, names[at]!)),
    ...folders.map((folder, at) => emptyMeasurements(folder, names[styles.length + at]!)),
  ];
  const context: EvaluationContext = {
    options,
    frames,
    comparison,
    counter,
    measurements,
    sources: [],
    ...(domain ? { domain } : {}),
  };
  try {
    for (const clip of clips) await measureClip(context, clip);
    await measurePhotographs(context, photographs);
    await measureFlicker(context, scenes);
  } finally {
    await Promise.all([comparison.close(), domain?.close()]);
  }
  const sourceStyles = meanColumns(context.sources);
  return {
    lossNetwork: network.name,
    stylePictures: pictures.map(({ name, file }) => ({ name, file })),
    steady,
    denoise,
    judged: context.sources.length,
    sourceStyles,
    styles: await Promise.all(
      measurements.map(async (each, at) => ({
        ...(await summary(each, own[at], sourceStyles)),
        domain: domain?.distance(each),
        sourceDomain: domain?.distance(context.sources),
      })),
    ),
  };
}
