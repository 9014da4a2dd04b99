// SPDX-License-Identifier: Apache-2.0
// What validate-config prints for programs, by the schemas of others: SARIF 2.1.0 and JSON Schema 2020-12.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import Ajv from 'ajv';
import Ajv2020 from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';

const voicectl = path.resolve(process.env.VOICECTL ?? '../../build/release/bin/voicectl');
const broken = fileURLToPath(new URL('../config/broken/', import.meta.url));
const good = { NODE_ENV: 'test', JWT_SECRET: 'kV7+qZ3mW9xT1rB5nD8hG2jL6pS4uY0c', OPENAI_API_KEY: 'sk-a-key' };

let folder;

before(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'voicectl-test-'));
});

after(() => rmSync(folder, { recursive: true }));

function validate(args, { env = good, cwd = folder } = {}) {
  const foreign = /^(VOICE_|OPENAI_|JWT_|NODE_ENV|REDIS_|DATABASE_|AUDIO_)/;
  const clean = Object.fromEntries(Object.entries(process.env).filter(([name]) => !foreign.test(name)));
  return spawnSync(voicectl, ['validate-config', ...args], { env: { ...clean, ...env }, cwd, encoding: 'utf8' });
}

// The standard's own schema says draft 4, and uses nothing of it that later drafts have changed but the name of `id`.
function sarifSchema() {
  const file = createRequire(import.meta.url).resolve('@microsoft/jest-sarif/package.json');
  const text = readFileSync(path.join(path.dirname(file), 'lib/schemas/sarif-2.1.0-rtm.5.json'), 'utf8');
  const { $schema, id, ...schema } = JSON.parse(text);
  assert.match($schema, /draft-04/);
  assert.match(id, /sarif-2\.1\.0/);
  return schema;
}

test('SARIF is SARIF, whatever is wrong', () => {
  const ajv = addFormats(new Ajv({ strict: false, allErrors: true, unicodeRegExp: false }));
  const isSarif = ajv.compile(sarifSchema());
  const odd = path.join(folder, 'an odd name: ä, 100%.toml');
  writeFileSync(odd, '[server]\nws_port = "\u001b[2J"\n"ä b" = 1\n');
  const examples = readdirSync(broken).filter((name) => /^[EW]/.test(name));
  assert.ok(examples.length > 40);
  const runs = [[], ['--set', 'x'], ['no-such.toml'], [odd], ...examples.map((name) => [path.join(broken, name)])];
  for (const args of [...runs, examples.map((name) => path.join(broken, name))]) {
    const document = JSON.parse(validate([...args, '--format', 'sarif']).stdout);
    assert.ok(isSarif(document), `${args}: ${ajv.errorsText(isSarif.errors)}`);
  }
  const document = JSON.parse(validate(['--format', 'sarif']).stdout);
  delete document.runs[0].tool.driver.name;
  assert.ok(!isSarif(document), 'the schema accepts anything');
});

function settingsSchema() {
  return JSON.parse(validate(['--print-schema']).stdout);
}

test('the schema of a configuration is one of 2020-12', () => {
  const ajv = addFormats(new Ajv2020({ strict: true, strictTypes: false, allErrors: true }));
  assert.equal(settingsSchema().$schema, 'https://json-schema.org/draft/2020-12/schema');
  assert.ok(ajv.validateSchema(settingsSchema()), ajv.errorsText(ajv.errors));
  ajv.compile(settingsSchema());
});

// A document as TOML, in tables of one level.
function toml(document) {
  const value = (each) => JSON.stringify(each).replaceAll('":', '" = ');
  const plain = Object.entries(document).filter(([, each]) => typeof each !== 'object');
  const sections = Object.entries(document).filter(([, each]) => typeof each === 'object');
  const pairs = (entries) => entries.map(([name, each]) => `${name} = ${value(each)}\n`).join('');
  return pairs(plain) + sections.map(([name, each]) => `[${name}]\n${pairs(Object.entries(each))}`).join('');
}

function accepted(document) {
  const file = path.join(folder, 'document.toml');
  writeFileSync(file, toml(document));
  const done = validate([file, '--level', 'syntax', '--format', 'json', '--no-env-file'], { env: {} });
  return { yes: done.status === 0, said: done.stdout };
}

test('every default is a value that its schema allows, and so is the whole of them', () => {
  const ajv = new Ajv2020({ strict: false });
  const allows = ajv.compile(settingsSchema());
  const document = {};
  for (const [name, property] of Object.entries(settingsSchema().properties)) {
    if ('default' in property) document[name] = property.default;
    for (const [key, inner] of Object.entries(property.properties ?? {}))
      if ('default' in inner) (document[name] ??= {})[key] = inner.default;
  }
  assert.ok(Object.keys(document).length > 8);
  assert.ok(allows(document), ajv.errorsText(allows.errors));
  assert.ok(accepted(document).yes, accepted(document).said);
});

const right = [
  {},
  { environment: 'staging' },
  { server: { ws_port: 9000, cors_origins: ['https://a.example', '*'], drain_timeout: '10s', tls_key_file: 'x' } },
  { server: { ws_port: 65535, http_port: 1, max_connections: 1, workers: 256 } },
  { openai: { url: 'sim:', api_key: 'sk-a', queue_timeout: 0 } },
  { openai: { keys: ['sk-a', 'sk-b'] } },
  { openai: { keys: [{ key: 'sk-a', project: 'p', weight: 1, requests_per_minute: 0, tokens_per_minute: 9 }] } },
  { audio: { sample_rate: 8000, frame: 60, bitrate: 510000 } },
  { session: { idle_timeout: 1000, max_duration: '24h', barge_in: 'off' } },
  { auth: { jwt_algorithms: ['RS256', 'ES256'] } },
  { redis: { url: 'rediss://u:p@cache.example:6380/0' }, database: { url: 'sqlite:voice.db' } },
  { log: { level: 'trace', format: 'json', debug: true } },
];

const wrong = [
  { sever: {} },
  { environment: 'live' },
  { environment: 1 },
  { server: 1 },
  { server: { ws_port: 80 } },
  { server: { ws_port: 65536 } },
  { server: { ws_port: '9000' } },
  { server: { ws_port: 9000.5 } },
  { server: { ws_port: true } },
  { server: { ws_prot: 9000 } },
  { server: { cors_origins: 'https://a.example' } },
  { server: { cors_origins: [1] } },
  { server: { drain_timeout: 'soon' } },
  { server: { drain_timeout: '-1s' } },
  { server: { drain_timeout: 3600001 } },
  { server: { drain_timeout: true } },
  { server: { tls_key_file: 1 } },
  { openai: { url: 'ftp://x' } },
  { openai: { api_key: 1 } },
  { openai: { keys: 'sk-a' } },
  { openai: { keys: [1] } },
  { openai: { keys: [''] } },
  { openai: { keys: [{ project: 'p' }] } },
  { openai: { keys: [{ key: '' }] } },
  { openai: { keys: [{ key: 'sk-a', weight: 0 }] } },
  { openai: { keys: [{ key: 'sk-a', other: 1 }] } },
  { openai: { keys: [{ key: 'sk-a', weight: 'x' }] } },
  { audio: { frame: 30 } },
  { audio: { sample_rate: 44100 } },
  { session: { barge_in: 'maybe' } },
  { auth: { jwt_algorithms: ['none'] } },
  { redis: { url: 'http://x' } },
  { database: { url: 'mysql://x/y' } },
  { log: { debug: 'true' } },
  { log: { level: 'loud' } },
];

test('schema and program agree', () => {
  const allows = new Ajv2020({ strict: false }).compile(settingsSchema());
  for (const [documents, good] of [[right, true], [wrong, false]])
    for (const document of documents) {
      assert.equal(allows(document), good, `the schema: ${JSON.stringify(document)}`);
      const { yes, said } = accepted(document);
      assert.equal(yes, good, `the program: ${JSON.stringify(document)}: ${said}`);
    }
});
