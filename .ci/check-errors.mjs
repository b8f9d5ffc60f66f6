// Fails when docs/errors.md lacks an error code of src/, or names one that is not there any more.
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';

/** Words in capitals with an underscore that are no error codes: of the environment, of ONNX, of Node, of ffmpeg. */
const OTHER_WORDS = new Set([
  ...['CUDA_VISIBLE_DEVICES', 'LD_LIBRARY_PATH', 'VK_DRIVER_FILES', 'VK_ICD_FILENAMES'],
  ...['STYLECAST_PUBLISH', 'STYLECAST_REDIS', 'STYLECAST_TOKEN', 'STYLECAST_VIEW_TOKEN'],
  ...['ABORT_ERR', 'ERR_MODULE_NOT_FOUND', 'IS_TEST', 'MODULE_NOT_FOUND', 'SAME_UPPER'],
]);
const LITERAL = /'([A-Z]+(?:_[A-Z]+)+)'/g;
/** Codes of one word are known by their place: the first thing that an error is given, or a field of that name. */
const PLACED = /(?:\bnew \w+Error\(\s*|\bcode: )'([A-Z]+)'/g;
/** What an error is given first. */
const FIRST = /\bnew (?:Stylecast|Option|Media|Preset|Engine|Graph|Train)Error\(\s*([^,]+),/g;
/** A code, one that was passed on, or one of two. */
const READABLE = /^('[A-Z_]+'|(?:\w+\.)?code|\w+ \? '[A-Z_]+' : '[A-Z_]+')$/;

/** What a docstring says of errors. */
const PROMISE = /@throws((?:[^*]|\*(?!\/))*)/g;
/** What else it may name there. */
const NAMES = new Set(['JPEG', 'ONNX', 'PNG', 'SHA', 'VGG']);

const root = resolve(import.meta.dirname, '..');
const src = join(root, 'src');
const problems = [];
const codes = new Map();
const promised = [];
for (const entry of readdirSync(src, { recursive: true, withFileTypes: true })) {
  if (!entry.isFile() || !entry.name.endsWith('.ts')) continue;
  const file = join(entry.parentPath, entry.name);
  const text = readFileSync(file, 'utf8');
  for (const [, code] of [...text.matchAll(LITERAL), ...text.matchAll(PLACED)])
    if (!OTHER_WORDS.has(code)) codes.set(code, relative(root, file));
  for (const [, comment] of text.matchAll(PROMISE))
    for (const [code] of comment.matchAll(/\b[A-Z]{3,}(?:_[A-Z]+)*\b/g)) promised.push([code, relative(root, file)]);
  for (const [, first] of text.matchAll(FIRST))
    if (!READABLE.test(first.trim()))
      problems.push(`${relative(root, file)}: expected a code written out, got ${first}`);
}

const page = readFileSync(join(root, 'docs/errors.md'), 'utf8');
const documented = [...page.matchAll(/^\| `([A-Z_]+)` \|/gm)].map(([, code]) => code);
for (const [code, file] of codes)
  if (!documented.includes(code)) problems.push(`docs/errors.md: expected ${code}, which ${file} has`);
for (const [code, file] of promised)
  if (!codes.has(code) && !NAMES.has(code)) problems.push(`${file}: @throws names ${code}, which nothing throws`);
documented.forEach((code, at) => {
  if (!codes.has(code)) problems.push(`docs/errors.md: has ${code}, which is nowhere in src/`);
  if (documented.indexOf(code) !== at) problems.push(`docs/errors.md: has ${code} twice`);
});
for (const problem of problems) console.error(problem);
console.log(`error codes: ${codes.size}, ${problems.length} problems`);
process.exit(problems.length === 0 ? 0 : 1);
