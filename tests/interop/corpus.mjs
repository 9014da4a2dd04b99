// SPDX-License-Identifier: Apache-2.0
// Reads a corpus as tests/support/corpus.hpp describes it.
import { readFileSync } from 'node:fs';

function decoded(text) {
  return text.replace(/‹([^›]*)›/g, (_, digits) => (digits ? `\0${digits}\0` : ''));
}

// Bytes in marks, and all else in UTF-8.
function bytes(text) {
  const parts = decoded(text).split('\0');
  return Buffer.concat(
    parts.map((part, i) => (i % 2 ? Buffer.from(part.replaceAll(' ', ''), 'hex') : Buffer.from(part))),
  );
}

export function readCorpus(path) {
  const lines = readFileSync(path, 'utf8').split('\n').slice(0, -1);
  const cases = [];
  for (const [index, line] of lines.entries()) {
    const current = cases.at(-1);
    if (line.startsWith('=== ')) {
      const [, name, place] = /^=== (.*?)(?: @([\d:]+))?$/.exec(line);
      cases.push({ name, place, at: index + 1, text: '', expected: [] });
    } else if (line.startsWith('--- ')) {
      current?.expected.push(bytes(line.slice(4)).toString());
    } else if (current) {
      current.text += line + '\n';
    }
  }
  for (const entry of cases) entry.text = bytes(entry.text.replace(/‹›\n$/, ''));
  return cases;
}
