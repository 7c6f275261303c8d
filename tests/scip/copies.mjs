// An index of N copies of what an index is of: documents and symbols of copy i have its number in their name.
// Usage: node copies.mjs INDEX PACKAGE N OUTPUT; PACKAGE is the folder, and the package in symbols, that is numbered.
import { openSync, readFileSync, writeSync, closeSync } from 'node:fs';

const [index, name, count, output] = process.argv.slice(2);

// What of a message is renamed, by field: a text, or the messages in it.
const relationship = { 1: symbol };
const information = { 1: symbol, 4: relationship, 8: symbol };
const occurrence = { 2: symbol };
const document = { 1: path, 2: occurrence, 3: information };
const parts = { 2: document, 3: information };

function path(text, copy) {
  return text.startsWith(`${name}/`) ? `${name}${copy}${text.slice(name.length)}` : text;
}

function symbol(text, copy) {
  const words = text.split(' ');
  if (words.length > 4 && words[2] === name) words[2] += copy;
  return words.join(' ');
}

function varint(bytes, at) {
  let value = 0, scale = 1;
  for (;; scale *= 128) {
    const byte = bytes[at++];
    if (byte === undefined) throw new Error('cut short');
    value += (byte & 127) * scale;
    if (byte < 128) return [value, at];
  }
}

function encoded(value) {
  const bytes = [];
  for (; value >= 128; value = Math.floor(value / 128)) bytes.push((value % 128) | 128);
  return Buffer.from([...bytes, value]);
}

function renamed(bytes, fields, copy) {
  const out = [];
  for (let at = 0; at < bytes.length; ) {
    const start = at;
    let key, size;
    [key, at] = varint(bytes, at);
    const change = fields[key >>> 3];
    switch (key & 7) {
      case 0: [, at] = varint(bytes, at); break;
      case 1: at += 8; break;
      case 2: [size, at] = varint(bytes, at); at += size; break;
      case 5: at += 4; break;
      default: throw new Error(`wire type ${key & 7}`);
    }
    if ((key & 7) !== 2 || !change) {
      out.push(bytes.subarray(start, at));
      continue;
    }
    const value = bytes.subarray(at - size, at);
    const next = typeof change === 'function' ? Buffer.from(change(value.toString('utf8'), copy)) : renamed(value, change, copy);
    out.push(encoded(key), encoded(next.length), next);
  }
  return Buffer.concat(out);
}

const bytes = readFileSync(index);
const file = openSync(output, 'w');
for (let copy = 1; copy <= Number(count); copy++) writeSync(file, renamed(bytes, parts, copy));
closeSync(file);
