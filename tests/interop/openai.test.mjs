// SPDX-License-Identifier: Apache-2.0
// The official JavaScript client, as its users hold it, against the simulator on its own.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import net from 'node:net';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';

import OpenAI from 'openai';
import { OpenAIRealtimeWS } from 'openai/realtime/ws';

const server = process.env.SIMULATOR_SERVER ?? 'build/release/tests/simulator_server';
const clips = '/usr/share/pocketsphinx/test/data/librivox';
const clip = 'sense_and_sensibility_01_austen_64kb-0880';
const rate = 24000;

let simulator;
let port;

before(async () => {
  simulator = spawn(server, { stdio: ['pipe', 'pipe', 'inherit'] });
  const [line] = await once(createInterface(simulator.stdout), 'line');
  port = Number(/^listening (\d+)$/.exec(line)[1]);
});

after(async () => {
  if (simulator.exitCode !== null) return;
  const ended = once(simulator, 'exit');
  simulator.kill('SIGTERM');
  const [code] = await ended;
  assert.equal(code, 0, 'the simulator did not end well');
});

// A session of the client's, and every event that came in it.
async function open(model = 'gpt-realtime') {
  const client = new OpenAI({ apiKey: 'sk-anything', baseURL: `http://127.0.0.1:${port}/v1` });
  // It insists on wss; a connection of our own making has no TLS in it.
  const options = { createConnection: () => net.connect(port, '127.0.0.1') };
  const realtime = new OpenAIRealtimeWS({ model, options }, client);
  const events = [];
  const waiting = new Set();
  const errors = [];
  let tolerated = 0;
  realtime.on('event', (event) => {
    events.push(event);
    for (const look of [...waiting]) look();
  });
  realtime.on('error', (error) => {
    errors.push(error);
    for (const look of [...waiting]) look();
  });
  // The first event of a type from `start` on.
  const until = (type, start = 0) =>
    new Promise((resolve, reject) => {
      const look = () => {
        const event = events.slice(start).find((each) => each.type === type);
        if (event === undefined && errors.length <= tolerated) return;
        waiting.delete(look);
        if (event === undefined) reject(errors.at(-1));
        else resolve(event);
      };
      waiting.add(look);
      look();
    });
  const { session } = await until('session.created');
  assert.equal(session.type, 'realtime');
  assert.equal(session.model, model);
  const tolerate = () => (tolerated += 1);
  return { realtime, events, until, tolerate };
}

async function close(realtime) {
  const closed = once(realtime.socket, 'close');
  realtime.close();
  const [code] = await closed;
  assert.equal(code, 1000);
}

const joined = (events, type) =>
  events
    .filter((event) => event.type === type)
    .map((event) => event.delta)
    .join('');

function checkReply(events, done) {
  const { response } = done;
  assert.equal(response.status, 'completed');
  assert.equal(response.object, 'realtime.response');
  const { usage } = response;
  assert.ok(usage.input_tokens > 0 && usage.output_tokens > 0);
  assert.equal(usage.total_tokens, usage.input_tokens + usage.output_tokens);

  const ours = events.filter((event) => event.response_id === response.id);
  const text = joined(ours, 'response.output_audio_transcript.delta');
  const whole = ours.find((event) => event.type === 'response.output_audio_transcript.done');
  assert.equal(whole.transcript, text);
  assert.ok(text.length > 10, text);

  const audio = ours.filter((event) => event.type === 'response.output_audio.delta');
  assert.ok(audio.length > 3);
  const bytes = audio.reduce((sum, event) => sum + Buffer.from(event.delta, 'base64').length, 0);
  const seconds = bytes / 2 / rate;
  assert.ok(seconds > text.length / 30 && seconds < text.length / 6, `${seconds} s for: ${text}`);
  assert.deepEqual(response.output[0].content[0].transcript, text);

  const order = ['created', 'output_item.added', 'output_audio.delta', 'done'];
  const places = order.map((name) => events.findIndex((event) => event.type === `response.${name}`));
  assert.deepEqual(places, [...places].sort((a, b) => a - b));
  assert.ok(places.every((place) => place >= 0));
  const ids = events.map((event) => event.event_id);
  assert.ok(ids.every((id) => typeof id === 'string') && new Set(ids).size === ids.length);
  return text;
}

// 16 kHz to 24 kHz: three samples for every two, on the line between its neighbours.
function readClip() {
  const wav = readFileSync(`${clips}/${clip}.wav`);
  assert.equal(wav.readUInt32LE(24), 16000);
  const data = wav.subarray(wav.indexOf('data') + 8);
  const length = Math.floor((data.length / 2 - 1) * 1.5);
  const pcm = Buffer.alloc(length * 2);
  for (let i = 0; i < length; i++) {
    const at = Math.floor(i / 1.5);
    const share = i / 1.5 - at;
    const between = data.readInt16LE(at * 2) * (1 - share) + data.readInt16LE(at * 2 + 2) * share;
    pcm.writeInt16LE(Math.round(between), i * 2);
  }
  return pcm;
}

const words = (text) => text.toLowerCase().match(/[a-z']+/g) ?? [];

test('a typed turn is answered', { timeout: 240_000 }, async () => {
  const { realtime, events, until } = await open();
  realtime.send({
    type: 'session.update',
    session: { type: 'realtime', instructions: 'Be brief.', output_modalities: ['audio'] },
  });
  const { session } = await until('session.updated');
  assert.equal(session.instructions, 'Be brief.');
  const content = [{ type: 'input_text', text: 'Repeat after me: the official client was here.' }];
  realtime.send({ type: 'conversation.item.create', item: { type: 'message', role: 'user', content } });
  realtime.send({ type: 'response.create' });
  const text = checkReply(events, await until('response.done'));
  assert.match(text.toLowerCase(), /the official client was here/);
  await close(realtime);
});

test('a spoken turn is heard, written down and answered', { timeout: 240_000 }, async () => {
  const { realtime, events, until } = await open();
  realtime.send({
    type: 'session.update',
    session: {
      type: 'realtime',
      audio: {
        input: {
          format: { type: 'audio/pcm', rate },
          transcription: { model: 'gpt-4o-mini-transcribe' },
          turn_detection: { type: 'server_vad', silence_duration_ms: 300 },
        },
      },
    },
  });
  await until('session.updated');
  const pcm = Buffer.concat([readClip(), Buffer.alloc(rate * 2)]);
  const chunk = (rate / 10) * 2;
  for (let at = 0; at < pcm.length; at += chunk) {
    const audio = pcm.subarray(at, at + chunk).toString('base64');
    realtime.send({ type: 'input_audio_buffer.append', audio });
  }
  const started = await until('input_audio_buffer.speech_started');
  const stopped = await until('input_audio_buffer.speech_stopped');
  assert.ok(stopped.audio_end_ms > started.audio_start_ms + 1000);
  const committed = await until('input_audio_buffer.committed');
  assert.equal(committed.item_id, started.item_id);
  const done = await until('response.done');
  const heard = await until('conversation.item.input_audio_transcription.completed');
  assert.equal(heard.item_id, started.item_id);

  const lines = readFileSync(`${clips}/transcription`, 'utf8').split('\n');
  const said = words(lines.find((line) => line.includes(clip)));
  const shared = words(heard.transcript).filter((word) => said.includes(word));
  assert.ok(shared.length >= 3, `heard: ${heard.transcript}`);
  checkReply(events, done);
  await close(realtime);
});

test('an error names the event that caused it, and the session goes on', { timeout: 240_000 }, async () => {
  const { realtime, until, tolerate } = await open();
  tolerate();
  realtime.send({ type: 'response.cancel', event_id: 'cancel-of-nothing' });
  const { error } = await until('error');
  assert.equal(error.event_id, 'cancel-of-nothing');
  assert.equal(error.type, 'invalid_request_error');
  realtime.send({ type: 'session.update', session: { type: 'realtime', instructions: 'Go on.' } });
  const { session } = await until('session.updated');
  assert.equal(session.instructions, 'Go on.');
  await close(realtime);
});
