/** Escapes text for HTML content and attributes. */
export function escapeHtml(text: string): string {
  const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
  return text.replace(/[&<>"]/g, (character) => entities[character]!);
}

/** A table of texts. @param head texts of its first row, if it has one of its own */
export function htmlTable(rows: readonly (readonly string[])[], head?: readonly string[]): string {
  const line = (cells: readonly string[], tag: string) =>
    `<tr>${cells.map((cell) => `<${tag}>${escapeHtml(cell)}</${tag}>`).join('')}</tr>`;
  return `<table>${head ? line(head, 'th') : ''}${rows.map((row) => line(row, 'td')).join('')}</table>`;
}

/** A table of names, each with a text. */
export function htmlPairs(rows: readonly (readonly [name: string, value: string])[]): string {
  const cells = rows.map(([name, value]) => `<tr><th>${escapeHtml(name)}</th><td>${escapeHtml(value)}</td></tr>`);
  return `<table>${cells.join('')}</table>`;
}

/** A picture with a caption. */
export function htmlFigure(source: string, caption: string, alternative = caption): string {
  return `<figure>${htmlImage(source, alternative)}<figcaption>${escapeHtml(caption)}</figcaption></figure>`;
}

/** A picture. @param source a URL */
export function htmlImage(source: string, alternative: string): string {
  return `<img src="${source}" alt="${escapeHtml(alternative)}" loading="lazy">`;
}

/** The URL of a picture that is in the page itself. */
export function dataUrl(type: 'jpeg' | 'png', bytes: Uint8Array): string {
  return `data:image/${type};base64,${Buffer.from(bytes).toString('base64')}`;
}
