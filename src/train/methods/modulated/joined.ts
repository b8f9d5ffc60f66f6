import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Manifest, Modulation, NamedStyle } from '../../../model/manifest/types.js';
import { saveStyle } from '../../../model/save.js';
import type { Style } from '../../../model/style.js';
import { writtenVector } from './export.js';

/**
 * Saves a preset of many styles with further ones before its own, with the same network. A style replaces an
 * existing one of the same name.
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
): Promise<Style> {
  // Pictures and figures of the preset as a whole belong to the style that was the first before.
  const { model: _, figures: __, thumbnail: ___, sample: ____, ...kept } = manifest;
  const learned = names.map(({ name, vector }, i): NamedStyle => {
    const known = modulation.styles.find((style) => style.name === name);
    const sha256 = about.credits[i]!.sha256!;
    return { ...(known?.sha256 === sha256 ? known : { name }), sha256, vector: writtenVector(vector) };
  });
  const isNew = ({ name }: NamedStyle) => !modulation.styles.some((style) => style.name === name);
  const anew = modulation.styles.map((style) => learned.find(({ name }) => name === style.name) ?? style);
  const styles = [...learned.filter(isNew), ...anew];
  const first = styles[0]!.vector;
  const thumbnails = styles.map(({ thumbnail }) => thumbnail);
  const further = [...thumbnails, modulation.prediction?.file].filter((name) => name !== undefined);
  const files = await Promise.all(further.map(async (name) => [name, await readFile(join(folder!, name))] as const));
  const thanked = manifest.credits.filter(({ sha256 }) => !about.credits.some((credit) => credit.sha256 === sha256));
  const credits = about.credits.map(
    (credit) => manifest.credits.find(({ sha256 }) => sha256 === credit.sha256) ?? credit,
  );
  const complete = {
    ...kept,
    name: basename(output),
    title: basename(output),
    description: '',
    credits: [...credits, ...thanked],
    training: about.training,
    inputs: manifest.inputs.map((input) =>
      input.name === modulation.input ? { ...input, default: [...first, ...first] } : input,
    ),
    modulation: { ...modulation, styles },
  };
  return saveStyle(output, complete, model, { overwrite: true, files: Object.fromEntries(files) });
}
