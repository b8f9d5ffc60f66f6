import { readFile } from 'node:fs/promises';
import { dataUrl, escapeHtml, htmlFigure, htmlImage, htmlTable } from '../../html.js';
import { sharp } from '../../media/sharp.js';
import type { EvaluatedStyle, Evaluation } from '../results.js';
import { conditions, figureTables, styleColumns } from './table.js';

/**
 * An evaluation as a page: one HTML file that needs nothing else. Made with `pictures`, it shows them.
 *
 * @param blind where the page is on which the paintings are compared blind.
 */
export async function evaluationPage(evaluation: Evaluation, blind?: string): Promise<string> {
  const thumbnails = await Promise.all(evaluation.stylePictures.map(({ file }) => thumbnail(file)));
  const matrix = evaluation.stylePictures.length > 1 ? matrixSection(evaluation, thumbnails) : '';
  return `<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Styles, measured</title>
<style>
body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 80rem; padding: 0 1rem; color: #222; background: #fdfdfb; }
table { border-collapse: collapse; display: block; overflow-x: auto; margin: 1rem 0; }
td, th { padding: .25rem .8rem .25rem 0; text-align: right; white-space: nowrap; border-bottom: 1px solid #e4e4de; }
td:first-child, th:first-child { text-align: left; }
td.best { font-weight: 600; background: #eef5e9; }
.pictures { display: grid; grid-template-columns: repeat(auto-fill, minmax(18rem, 1fr)); gap: 1rem; }
figure { margin: 0; } img { width: 100%; display: block; border-radius: 3px; } figcaption { color: #666; font-size: .85rem; }
th img { width: 6rem; } p { max-width: 50rem; }
</style>
<h1>Styles, measured</h1>
<p>Measured ${escapeHtml(conditions(evaluation))}. Distances and errors are to be low; light, colour, faces,
person and SSIM are shares of what the source has, to be high; crispness is to be 1. The warping error and the style
distance belong together: a blurred picture is stable too.</p>
${blind === undefined ? '' : `<p><a href="${escapeHtml(encodeURI(blind))}">Compare the paintings blind, in pairs.</a></p>`}
${figureTables(evaluation)
  .map(([head, ...rows]) => htmlTable(rows, head))
  .join('\n')}
${matrix}
${evaluation.styles.map((style) => section(style, thumbnails, evaluation)).join('\n')}
</html>
`;
}

function matrixSection({ stylePictures, styles, sourceStyles }: Evaluation, thumbnails: readonly string[]): string {
  const head = stylePictures
    .map(({ name }, i) => `<th>${htmlImage(thumbnails[i]!, name)}${escapeHtml(name)}</th>`)
    .join('');
  const rows = [
    ...styles.map((style) => ({ name: style.name, values: style.styles })),
    { name: 'source', values: sourceStyles },
  ];
  const body = rows.map(({ name, values }) => {
    const cells = values.map((value, column) => {
      const best = rows.every((other) => other.values[column]! >= value);
      return `<td${best ? ' class="best"' : ''}>${value.toFixed(3)}</td>`;
    });
    return `<tr><th>${escapeHtml(name)}</th>${cells.join('')}</tr>`;
  });
  return `<h2>Style distance of each result to each style picture</h2>
<p>The nearest result to each picture is marked.</p>
<table><tr><th></th>${head}</tr>${body.join('')}</table>`;
}

function section(style: EvaluatedStyle, thumbnails: readonly string[], { stylePictures }: Evaluation) {
  const columns = styleColumns(style);
  const own = style.own === undefined ? undefined : thumbnails[style.own];
  const figures = (style.pictures ?? []).flatMap(({ name, source, result }) => [
    htmlFigure(dataUrl('jpeg', source), `${name}: source`),
    htmlFigure(dataUrl('jpeg', result), `${name}: ${style.name}`),
  ]);
  const pictured = style.own === undefined ? '' : stylePictures[style.own]!.name;
  const extra = [
    ...(own ? [htmlFigure(own, 'the style picture', pictured)] : []),
    ...(style.flickerMap
      ? [
          htmlFigure(
            dataUrl('jpeg', style.flickerMap),
            'change from frame to frame of a noisy still scene; white is 16 of 255 levels or more',
          ),
        ]
      : []),
  ];
  const clips = htmlTable(
    style.clips.map((clip) => [
      clip.name,
      String(clip.frames),
      clip.warping.toFixed(5),
      clip.sourceWarping.toFixed(5),
      `${(clip.trusted * 100).toFixed(0)} %`,
      clip.motion,
    ]),
    ['clip', 'frames', 'warping error', 'of the clip itself', 'followed', 'motion'],
  );
  return `<h2>${escapeHtml(style.title)}</h2>
<p>${columns.map(({ head, value }) => `${escapeHtml(head)} ${escapeHtml(value!)}`).join(' · ')}</p>
${style.clips.length > 0 ? clips : ''}
<div class="pictures">${[...extra, ...figures].join('')}</div>`;
}

async function thumbnail(file: string): Promise<string> {
  const bytes = await sharp(await readFile(file), { failOn: 'error' })
    .rotate()
    .resize(480, 480, { fit: 'inside' })
    .jpeg({ quality: 82 })
    .toBuffer();
  return dataUrl('jpeg', bytes);
}
