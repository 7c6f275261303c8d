// Compares two SCIP indexes of one folder: how often does OURS say of a reference what THEIRS says?
// Usage: node agreement.mjs FOLDER OURS THEIRS [--samples N]
// Exit code 1 where the bars below are missed. The format is decoded here, by a reader of its own.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const bars = { precision: 0.98, recall: 0.97, attributes: 0.85 };

// --- Protobuf: fields of a message as [number, value] ------------------------------------------
function* fields(bytes) {
  for (let at = 0; at < bytes.length; ) {
    let key, value;
    [key, at] = varint(bytes, at);
    switch (key & 7) {
      case 0: [value, at] = varint(bytes, at); break;
      case 1: value = bytes.subarray(at, (at += 8)); break;
      case 2: {
        let size;
        [size, at] = varint(bytes, at);
        value = bytes.subarray(at, (at += size));
        break;
      }
      case 5: value = bytes.subarray(at, (at += 4)); break;
      default: throw new Error(`wire type ${key & 7}`);
    }
    yield [key >>> 3, value];
  }
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

function numbers(packed) {
  const found = [];
  for (let at = 0; at < packed.length; ) {
    let value;
    [value, at] = varint(packed, at);
    found.push(value);
  }
  return found;
}

const text = (bytes) => Buffer.from(bytes).toString('utf8');

function occurrence(bytes) {
  const found = { range: [], symbol: '', roles: 0 };
  for (const [field, value] of fields(bytes)) {
    if (field === 1) found.range = typeof value === 'number' ? [...found.range, value] : numbers(value);
    else if (field === 2) found.symbol = text(value);
    else if (field === 3) found.roles = value;
  }
  return found;
}

// Occurrences of an index by file; `local 3` is told from that of other files.
function* documents(file) {
  for (const [field, value] of fields(readFileSync(file))) {
    if (field !== 2) continue;
    const document = { path: '', encoding: 0, occurrences: [] };
    for (const [inner, part] of fields(value)) {
      if (inner === 1) document.path = text(part);
      else if (inner === 2) document.occurrences.push(occurrence(part));
      else if (inner === 6) document.encoding = part;
    }
    yield document;
  }
}

// --- Places: UTF-16 offsets in the text, whatever the columns count ------------------------------
function lineStarts(source) {
  const starts = [0];
  for (const match of source.matchAll(/\r\n|\r|\n/g)) starts.push(match.index + match[0].length);
  return starts;
}

function offset(source, starts, line, column, encoding) {
  const start = starts[line];
  if (encoding !== 1) return start + column; // scip-python counts UTF-16 units and does not say so
  const bytes = Buffer.from(source.slice(start, starts[line + 1]), 'utf8');
  return start + bytes.subarray(0, column).toString('utf8').length;
}

function place(document, source, starts, { range }) {
  const [line, column] = range;
  const [endLine, endColumn] = range.length === 3 ? [line, range[2]] : [range[2], range[3]];
  return [
    offset(source, starts, line, column, document.encoding),
    offset(source, starts, endLine, endColumn, document.encoding),
  ];
}

function read(folder, file) {
  const index = { definitions: new Map(), occurrences: new Map() };
  for (const document of documents(file)) {
    const source = readFileSync(join(folder, document.path), 'utf8');
    const starts = lineStarts(source);
    for (const one of document.occurrences) {
      let [start, end] = place(document, source, starts, one);
      const renamed = source.slice(start, end).search(/\s+as\s/); // `x as y` is one span there
      if (renamed > 0) end = start + renamed;
      const symbol = one.symbol.startsWith('local ') ? `${document.path} ${one.symbol}` : one.symbol;
      const at = `${document.path}:${start}`;
      // Our stores after the first are no definitions, but they are places of the symbol.
      if (one.roles & 5) {
        if (!index.definitions.has(symbol)) index.definitions.set(symbol, new Set());
        index.definitions.get(symbol).add(at);
      }
      if (!index.occurrences.has(at)) index.occurrences.set(at, []);
      index.occurrences.get(at).push({
        symbol, end, isDefinition: (one.roles & 1) === 1, text: source.slice(start, end),
        before: source.slice(Math.max(0, start - 60), start), path: document.path, start,
      });
    }
  }
  return index;
}

// --- Comparison ------------------------------------------------------------------------------------
function kindOf(symbol) {
  if (/ local \d+$/.test(symbol)) return 'local';
  if (symbol.endsWith('/__init__:')) return 'module';
  if (symbol.endsWith(')')) return 'parameter';
  if (symbol.endsWith('#')) return 'class';
  if (symbol.endsWith('().')) return symbol.includes('#') ? 'method' : 'function';
  return symbol.includes('#') ? 'attribute' : 'variable';
}

// Behind a dot, where what stands before it is no module, no class, and not self, cls or super():
// its type must be inferred.
function isInferred(theirs, one) {
  const receiver = /(\w+)(\(\))?\s*\.\s*$/.exec(one.before);
  if (!receiver) return /\.\s*$/.test(one.before);
  if (['self', 'cls'].includes(receiver[1]) && !receiver[2]) return false;
  if (receiver[1] === 'super') return false;
  if (receiver[2]) return true;
  const at = `${one.path}:${one.start - one.before.length + receiver.index}`;
  const kinds = (theirs.occurrences.get(at) ?? []).map(({ symbol }) => kindOf(symbol));
  return !kinds.includes('module') && !kinds.includes('class');
}

const same = (a, b) => a && b && [...a].some((at) => b.has(at));
const [folder, oursFile, theirsFile] = process.argv.slice(2);
const samples = process.argv.includes('--samples') ? Number(process.argv.at(-1)) : 0;
const ours = read(folder, oursFile);
const theirs = read(folder, theirsFile);
const tally = new Map();
const differences = [];
const known = new Map();

// A module's definition is an empty range at the start: every index has it.
function agrees(ourSymbol, theirSymbol) {
  const key = `${ourSymbol}\n${theirSymbol}`;
  if (!known.has(key))
    known.set(key, same(ours.definitions.get(ourSymbol), theirs.definitions.get(theirSymbol)) ?? false);
  return known.get(key);
}

for (const [at, list] of theirs.occurrences)
  for (const one of list) {
    if (one.isDefinition || !theirs.definitions.has(one.symbol)) continue;
    const kind = kindOf(one.symbol);
    const inferred = ['attribute', 'method'].includes(kind) && isInferred(theirs, one);
    const row = `${kind}${inferred ? ', receiver inferred' : ''}`;
    if (!tally.has(row)) tally.set(row, { references: 0, found: 0, said: 0, right: 0, faults: 0 });
    const counts = tally.get(row);
    const said = ours.occurrences.get(at) ?? [];
    const right = said.filter(({ symbol }) => agrees(symbol, one.symbol));
    counts.references++;
    counts.found += right.length > 0;
    counts.said += said.length;
    counts.right += right.length;
    // The producer's fault: the name in the symbol is not the name that stands there, and ours is.
    const name = /([^`/#().:]+)`?(?:#|\(\)\.|\.|\))$/.exec(one.symbol)?.[1];
    const fault = said.length > 0 && !right.length && name && name !== one.text.split('.').at(-1) &&
      said.some(({ symbol }) => symbol.includes(one.text));
    counts.faults += fault ? 1 : 0;
    if (!right.length) differences.push({ row, at, text: one.text, theirs: one.symbol, fault, ours: said.map(({ symbol }) => symbol).join(' | ') });
  }

const share = (a, b) => (b ? (a / b).toFixed(4) : '-').padStart(9);
const sum = (rows) => rows.reduce((a, b) => Object.fromEntries(Object.keys(b).map((k) => [k, (a[k] ?? 0) + b[k]])), {});
const print = (name, c) =>
  console.log(`${name.padEnd(30)}${String(c.references).padStart(11)}${share(c.found, c.references)}${share(c.right, c.said)}${String(c.faults).padStart(9)}`);
console.log(`${'reference to'.padEnd(30)}${'references'.padStart(11)}${'recall'.padStart(9)}${'precision'.padStart(9)}${'faults'.padStart(9)}`);
for (const [row, counts] of [...tally].sort()) print(row, counts);
const rows = (test) => sum([...tally].filter(([row]) => test(row)).map(([, c]) => c));
const all = rows((row) => !row.includes('inferred'));
const attributes = rows((row) => row.startsWith('attribute'));
print('together', rows(() => true));
print('without inferred receivers', all);
print('attributes, all', attributes);
for (const one of differences.sort((a, b) => (a.at < b.at ? -1 : 1)).filter((_, i, list) => samples && i % Math.ceil(list.length / samples) === 0))
  console.log(`  ${one.row}: ${one.at} ${one.text}: ${one.theirs}${one.ours ? `; ours ${one.ours}` : '; ours nothing'}${one.fault ? ' (their fault)' : ''}`);
const met = all.right / all.said >= bars.precision && all.found / all.references >= bars.recall &&
  (!attributes.references || attributes.found / attributes.references >= bars.attributes);
if (!met) console.log(`missed: precision ${bars.precision}, recall ${bars.recall}, attributes ${bars.attributes}`);
process.exit(met ? 0 : 1);
