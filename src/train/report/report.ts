import { dataUrl, escapeHtml, htmlPairs } from '../../html.js';
import type { StepLosses } from '../progress.js';
import type { TrainSettings } from '../settings/settings.js';
import type { NetworkMeasurement } from './measure.js';

/** Contents of a training report. */
export interface ReportContents {
  readonly title: string;
  readonly settings: TrainSettings;
  readonly lossNetwork: string;
  readonly history: readonly { readonly step: number; readonly losses: StepLosses }[];
  readonly measured: NetworkMeasurement;
  /** Measurements by style for a network of many; `measured` is their mean. */
  readonly styles?: readonly (readonly [name: string, measured: NetworkMeasurement])[];
  readonly seconds: number;
  readonly steps: number;
  readonly brokenPhotos: ReadonlyMap<string, string>;
  /** Notes made during training. */
  readonly notes?: readonly string[];
  /** The preview strip as a PNG. */
  readonly preview: Uint8Array | undefined;
  /** Caption of the strip, if it does not show the course of training. */
  readonly shown?: string;
}

/** A report on a training as a self-contained HTML page. */
export function reportPage(contents: ReportContents): string {
  const { title, history, measured, preview, brokenPhotos } = contents;
  const shown = contents.shown ?? 'The same photographs, painted from time to time.';
  const names = [...new Set(history.flatMap(({ losses }) => Object.keys(losses)))].filter((name) => name !== 'norm');
  const curves = names.map((name) => curve(name, history)).join('\n');
  const image = preview && `<p>${shown}</p><img alt="previews" src="${dataUrl('png', preview)}">`;
  const notes = (contents.notes ?? []).map((note) => `<li>${escapeHtml(note)}</li>`).join('');
  const broken = [...brokenPhotos].map(([file, why]) => `<li>${escapeHtml(file)}: ${escapeHtml(why)}</li>`).join('');
  return `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>${escapeHtml(title)}</title>
<style>
body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 72rem; padding: 0 1rem; color: #222; }
img { width: 100%; image-rendering: auto; }
table { border-collapse: collapse; } td, th { padding: .2rem .8rem .2rem 0; text-align: left; vertical-align: top; }
.curves { display: grid; grid-template-columns: repeat(auto-fill, minmax(20rem, 1fr)); gap: 1rem; }
svg { width: 100%; background: #f6f6f4; } polyline { fill: none; stroke: #24618f; stroke-width: 1.5; }
text { font: 11px system-ui, sans-serif; fill: #555; }
</style>
<h1>${escapeHtml(title)}</h1>
<p>${contents.steps} steps in ${Math.round(contents.seconds / 60)} min.</p>
${image ?? ''}
${notes === '' ? '' : `<h2>Noticed</h2><ul>${notes}</ul>`}
<h2>Measured</h2>
${htmlPairs(figures(measured))}
${contents.styles === undefined ? '' : htmlPairs(contents.styles.map(([name, { style, photographStyle, content }]) => [name, `distance of strokes ${style.toFixed(3)} (photographs: ${photographStyle.toFixed(3)}), content ${content.toFixed(3)}`]))}
<h2>Losses</h2>
<div class="curves">${curves}</div>
<h2>Settings</h2>
${htmlPairs([['loss network', contents.lossNetwork], ...settingRows(contents.settings)])}
${broken === '' ? '' : `<h2>Pictures left out</h2><ul>${broken}</ul>`}
</html>
`;
}

function figures(measured: NetworkMeasurement): [string, string][] {
  return [
    [
      'distance of strokes',
      `${measured.style.toFixed(3)} (the photographs themselves: ${measured.photographStyle.toFixed(3)})`,
    ],
    ...(measured.domain === undefined
      ? []
      : [
          [
            'domain distance',
            `${measured.domain.toFixed(3)} (the photographs themselves: ${measured.photographDomain?.toFixed(3)})`,
          ] satisfies [string, string],
        ]),
    ...(measured.painted === undefined
      ? []
      : [
          [
            'difference from what was painted',
            `${measured.painted.toFixed(4)} (the frames themselves: ${measured.photographPainted?.toFixed(4)})`,
          ] satisfies [string, string],
        ]),
    ['content distance', measured.content.toFixed(3)],
    ['structural similarity to the photograph', measured.ssim.toFixed(3)],
    ...Object.entries(measured.warping).map(([motion, error]): [string, string] => [
      `warping error of a pan by ${motion}`,
      error.toFixed(5),
    ]),
  ];
}

function settingRows(settings: TrainSettings): [string, string][] {
  return Object.entries(settings).flatMap(([name, value]): [string, string][] => {
    if (value === undefined) return [];
    return [
      [
        name,
        typeof value === 'object'
          ? Object.entries(value)
              .map(([key, part]) => `${key} ${part}`)
              .join(', ')
          : String(value),
      ],
    ];
  });
}

const [WIDTH, HEIGHT] = [320, 120];

/** One loss over the steps, on a logarithmic scale. */
function curve(name: string, history: ReportContents['history']): string {
  const points = history.flatMap(({ step, losses }) => {
    const value = losses[name];
    return value !== undefined && value > 0 ? [[step, Math.log10(value)] as const] : [];
  });
  if (points.length === 0) return '';
  const [low, high] = [Math.min(...points.map(([, y]) => y)), Math.max(...points.map(([, y]) => y))];
  const last = Math.max(1, history.at(-1)!.step);
  const place = ([step, y]: readonly [number, number]) =>
    `${((step / last) * WIDTH).toFixed(1)},${(HEIGHT - 8 - ((y - low) / (high - low || 1)) * (HEIGHT - 30)).toFixed(1)}`;
  const end = 10 ** points.at(-1)![1];
  return `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}"><text x="4" y="13">${escapeHtml(name)}: ${end.toPrecision(3)} at the end, ${(10 ** high).toPrecision(3)} at most</text><polyline points="${points.map(place).join(' ')}"/></svg>`;
}
