// SPDX-License-Identifier: Apache-2.0
// What npm's dotenv makes of the corpus of environment files. That voicectl makes of each case what stands there is
// the business of tests/config/dotenv_corpus_test.cpp; so both together compare the two.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import dotenv from 'dotenv';

import { readCorpus } from './corpus.mjs';

const folder = new URL('../config/corpus/dotenv/', import.meta.url);

function fromLines(lines) {
  return Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]));
}

test('what both read, both read alike', () => {
  for (const { name, at, text, expected } of readCorpus(new URL('valid.txt', folder)))
    assert.deepEqual({ ...dotenv.parse(text) }, fromLines(expected), `valid.txt:${at}: ${name}`);
});

test('where voicectl differs on purpose, the difference is the one that is written down', () => {
  for (const { name, at, text, expected, place } of readCorpus(new URL('own.txt', folder))) {
    const theirs = expected.filter((line) => line.startsWith('dotenv:')).map((line) => line.slice('dotenv: '.length));
    const ours = expected.filter((line) => !line.startsWith('dotenv:'));
    assert.ok(theirs.length > 0, `own.txt:${at}: ${name}: does not say what dotenv makes of it`);
    const wanted = fromLines(theirs.filter(Boolean));
    assert.deepEqual({ ...dotenv.parse(text) }, wanted, `own.txt:${at}: ${name}`);
    if (!place) assert.notDeepEqual(fromLines(ours), wanted, `own.txt:${at}: ${name}: there is no difference`);
  }
});
