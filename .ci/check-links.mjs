// Fails when a page links to a file that is not in the repository, when a text of the repository names a page of docs/
// that is not there, or docs/architecture.md a file or folder of the sources.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');
const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
  cwd: root,
  encoding: 'utf8',
});
const files = listed
  .split('\n')
  .filter((file) => /\.(md|[mc]?[jt]s|py|json|html)$/.test(file) && existsSync(join(root, file)));
/** Where the paths of docs/architecture.md begin. */
const ROOMS = [
  '',
  'src',
  ...['engine', 'graph', 'media', 'pipeline', 'jobs', 'live', 'train'].map((room) => `src/${room}`),
];
const problems = [];
const expect = (file, path, base) => {
  if (!existsSync(join(root, base, decodeURI(path)))) problems.push(`${file}: there is no ${path}`);
};
/** Names of headings, as links to them have them. */
const anchorsOf = (text) =>
  [...text.matchAll(/^#+ (.*)$/gm)].map(([, title]) =>
    title
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\- _]/gu, '')
      .replaceAll(' ', '-'),
  );
for (const file of files) {
  const text = readFileSync(join(root, file), 'utf8');
  if (file.endsWith('.md')) {
    for (const [, link] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^[a-z]+:/.test(link)) continue;
      const [path, anchor] = link.split('#');
      if (path) expect(file, path, dirname(file));
      const page = path ? join(root, dirname(file), path) : join(root, file);
      if (anchor && existsSync(page) && !anchorsOf(readFileSync(page, 'utf8')).includes(anchor))
        problems.push(`${file}: ${path} has no heading #${anchor}`);
    }
  }
  for (const [path] of text.matchAll(/\b(?<!\/)docs\/[\w/-]+\.(?:md|json)\b/g)) expect(file, path, '');
}
const map = readFileSync(join(root, 'docs/architecture.md'), 'utf8');
for (const [, path] of map.matchAll(/`([\w.-]+\/(?:[\w.-]+\/)*(?:[\w-]+\.\w+)?|[\w-]+\.ts)`/g)) {
  if (!ROOMS.some((room) => existsSync(join(root, room, path))))
    problems.push(`docs/architecture.md: there is no ${path}`);
}
for (const problem of problems) console.error(problem);
console.log(`links: ${files.length} files, ${problems.length} problems`);
process.exit(problems.length === 0 ? 0 : 1);
