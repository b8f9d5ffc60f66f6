// Fails when an export of src/ has no docstring above it.
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';

const src = resolve(import.meta.dirname, '../src');
const problems = [];
for (const entry of readdirSync(src, { recursive: true, withFileTypes: true })) {
  if (!entry.isFile() || !entry.name.endsWith('.ts')) continue;
  const file = join(entry.parentPath, entry.name);
  const lines = readFileSync(file, 'utf8').split('\n');
  let previous;
  lines.forEach((line, at) => {
    const match =
      /^export (?:abstract |async |declare )*(?:function\*?|class|interface|type|const|let|enum) (\w+)/.exec(line);
    if (!match) return;
    const documented = lines[at - 1]?.trimEnd().endsWith('*/');
    // Overloads share the docstring of the first.
    if (!documented && match[1] !== previous)
      problems.push(`${relative(src, file)}:${at + 1}: ${match[1]} has no docstring`);
    previous = match[1];
  });
}
for (const problem of problems) console.error(problem);
console.log(`docstrings: ${problems.length} missing`);
process.exit(problems.length === 0 ? 0 : 1);
