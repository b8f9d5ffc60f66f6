import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Manifest, Modulation } from '../../model/manifest.js';
import { saveStyle } from '../../model/save.js';
import type { Style } from '../../model/style.js';

/**
 * Saves a preset of many styles with further ones before its own and their thumbnails, its network as it is.
 *
 * @throws PresetError as `saveStyle` does.
 */
export async function saveJoined(
  output: string,
  { manifest, model, folder }: Style,
  modulation: Modulation,
  {
    names,
    ...about
  }: Required<Pick<Manifest, 'credits' | 'training'>> & {
    readonly names: readonly { readonly name: string; readonly vector: Float32Array }[];
  },
): Promise<void> {
  // What shows or measures the preset as a whole is of another style than the one that is now the first.
  const { model: _, figures: __, thumbnail: ___, sample: ____, ...kept } = manifest;
  const thumbnails = modulation.styles.map(({ thumbnail }) => thumbnail);
  const further = [...thumbnails, modulation.prediction?.file].filter((name) => name !== undefined);
  const files = await Promise.all(further.map(async (name) => [name, await readFile(join(folder!, name))] as const));
  const styles = names.map(({ name, vector }, i) => ({
    name,
    sha256: about.credits[i]!.sha256!,
    vector: Array.from(vector, (value) => Number(value.toPrecision(6))),
  }));
  const first = styles[0]!.vector;
  const complete = {
    ...kept,
    name: basename(output),
    title: basename(output),
    description: '',
    credits: [...about.credits, ...manifest.credits],
    training: about.training,
    inputs: manifest.inputs.map((input) =>
      input.name === modulation.input ? { ...input, default: [...first, ...first] } : input,
    ),
    modulation: { ...modulation, styles: [...styles, ...modulation.styles] },
  };
  await saveStyle(output, complete, model, { overwrite: true, files: Object.fromEntries(files) });
}
