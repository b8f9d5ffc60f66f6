// Fails when what the package exports is not what docs/declarations.md says; --write writes it anew. Needs the build.
// A change of the public API so shows in the diff of that file, and is decided on rather than noticed.
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');
const page = join(root, 'docs/declarations.md');
const { name: packageName, exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

/** The statements of a declaration file, without comments and without what is private. */
function statementsOf(text) {
  const lines = text
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .split('\n')
    .filter((line) => line.trim() !== '' && !/^\s+(private |protected |#private)/.test(line));
  const statements = [];
  let depth = 0;
  let current = [];
  for (const line of lines) {
    current.push(line.trimEnd());
    depth += (line.match(/[{([]/g)?.length ?? 0) - (line.match(/[})\]]/g)?.length ?? 0);
    if (depth > 0 || !/[;}]$/.test(line.trimEnd())) continue;
    statements.push(current.join('\n'));
    current = [];
  }
  return statements;
}

const DECLARATION =
  /^(?:export )?(?:default )?(?:declare )?(?:abstract )?(?:class|interface|type|const|let|function|enum|namespace) (\w+)/;
const LIST = /^(export|import) (?:type )?\{([^}]*)\}(?: from '([^']*)')?;$/s;

const files = new Map();
/** What a file declares, and which names it has from which other file. */
function read(file) {
  const known = files.get(file);
  if (known) return known;
  const declared = new Map();
  const elsewhere = new Map();
  const exported = [];
  for (const statement of statementsOf(readFileSync(file, 'utf8'))) {
    const [, declaration] = DECLARATION.exec(statement) ?? [];
    if (declaration) declared.set(declaration, [...(declared.get(declaration) ?? []), statement]);
    const [, kind, names, from] = LIST.exec(statement) ?? [];
    for (const each of names?.split(',') ?? []) {
      const [theirs, ours = theirs] = each
        .replace(/^\s*type /, '')
        .trim()
        .split(' as ');
      if (!theirs) continue;
      if (from) elsewhere.set(ours, { from, name: theirs });
      if (kind === 'export') exported.push(ours);
    }
  }
  const found = { declared, elsewhere, exported };
  files.set(file, found);
  return found;
}

/** The file that declares a name, and what it is called there; undefined for names of other packages. */
function find(file, name) {
  const { declared, elsewhere } = read(file);
  if (declared.has(name)) return { file, name };
  const there = elsewhere.get(name);
  if (!there?.from.startsWith('.')) return undefined;
  return find(resolve(dirname(file), there.from.replace(/\.js$/, '.d.ts')), there.name);
}

const told = new Map();
const behind = [];
function tell({ file, name }) {
  const key = `${relative(root, file)} ${name}`;
  if (told.has(key)) return told.get(key);
  const text = read(file)
    .declared.get(name)
    .join('\n')
    .replace(/^export (declare )?/gm, '');
  told.set(key, text);
  for (const [word] of text.matchAll(/\b[A-Z]\w+\b/g)) {
    const there = word === name ? undefined : find(file, word);
    if (there) behind.push(there);
  }
  return text;
}

const parts = [
  '# The public API',
  'Written by `node .ci/check-api.mjs --write` from the declarations that are built. How to use it: [library.md](library.md).',
];
for (const [path, { types }] of Object.entries(exports)) {
  if (!types) continue;
  const entry = join(root, types);
  const texts = read(entry)
    .exported.sort()
    .map((name) => tell(find(entry, name)));
  parts.push(`## ${packageName}${path.slice(1)}`, `\`\`\`ts\n${texts.join('\n')}\n\`\`\``);
}
const rest = new Map();
// What is told adds to the list.
for (const there of behind) {
  const before = told.size;
  const text = tell(there);
  if (told.size > before) rest.set(`${there.name} ${there.file}`, text);
}
const sorted = [...rest].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, text]) => text);
parts.push('## Types behind them', `\`\`\`ts\n${sorted.join('\n')}\n\`\`\``);

const report = `${parts.join('\n\n')}\n`;
if (process.argv.includes('--write')) writeFileSync(page, report);
else if (readFileSync(page, 'utf8').replaceAll('\r\n', '\n') !== report) {
  console.error(
    'docs/declarations.md: the public API has changed. If that is meant, run: node .ci/check-api.mjs --write',
  );
  process.exit(1);
}
console.log(`public API: ${told.size} declarations`);
