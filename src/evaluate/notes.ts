import type { LossNetwork } from '../losses/networks/network.js';
import { missingLayers, seesStrokes } from '../quality/style/strokes.js';
import type { PaintingFolder } from './sources/painting-folder.js';
import type { EvaluationPhotograph } from './sources/scenes.js';

/** Notes on styles and paintings whose own picture is not known. */
export function targetNotes(
  painters: readonly { readonly name: string }[],
  own: readonly (number | undefined)[],
): string[] {
  const unknown = painters.filter((_, at) => own[at] === undefined);
  return unknown.map(({ name }) => `None of the style pictures is known to be that of ${name}.`);
}

/** Notes on figures that a loss network cannot measure. */
export function lossNetworkNotes(network: LossNetwork): string[] {
  if (!seesStrokes(network))
    return ['Strokes and structure are not measured: they need VGG-19, which --loss-network names.'];
  const missing = missingLayers(network);
  if (missing.length === 0) return [];
  return [
    `Strokes are measured without ${missing.join(', ')}, which ${network.name} does not reach: larger ones do not count.`,
  ];
}

/** Notes on paintings that are missing, or of another size than their photograph. */
export async function paintingNotes(
  folders: readonly PaintingFolder[],
  photographs: readonly EvaluationPhotograph[],
): Promise<string[]> {
  const notes: string[] = [];
  for (const folder of folders) {
    const missing = photographs.filter(({ name }) => !folder.has(name));
    if (missing.length > 0) {
      const names = missing.map(({ name }) => name).join(', ');
      notes.push(`${folder.name} has no painting of ${names}: its figures are those of the other photographs.`);
    }
    const scaled = await folder.scaled(photographs);
    if (scaled.length > 0) {
      notes.push(
        `${folder.name}: ${scaled.join(', ')} are scaled to the size of their photograph, and their strokes with them. --height says how large that is.`,
      );
    }
  }
  return notes;
}
