// Reads Arrow IPC files and streams with npm's apache-arrow and compares their values with what the
// engine said they are. Usage: node read_arrow.js FOLDER FIRST_TEST_NUMBER. TAP, one test a file.
'use strict';
const fs = require('fs');
const path = require('path');
const {tableFromIPC, Type, DataType} = require('apache-arrow');

const hex = (bytes) => Buffer.from(bytes).toString('hex');

// 128-bit two's complement in 32-bit words.
function decimal(words) {
    let value = 0n;
    for (let i = words.length - 1; i >= 0; i--)
        value = (value << 32n) | BigInt(words[i] >>> 0);
    return BigInt.asIntN(words.length * 32, value).toString();
}

function float(value) {
    if (Number.isNaN(value)) return 'nan';
    if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
    return String(value);
}

// Times as the number that is stored: get() would round it to milliseconds.
function stored(vector, index) {
    let at = index;
    for (const data of vector.data) {
        if (at < data.length) {
            const values = data.values;
            if (values instanceof BigInt64Array || values.length === data.length)
                return String(values[at + data.offset]);
            return String(new BigInt64Array(values.buffer, values.byteOffset)[at + data.offset]);
        }
        at -= data.length;
    }
    throw new Error('no such row');
}

function children(vector) {
    return Array.from({length: vector.length}, (_, i) => show(vector, i));
}

// A value as the engine casts it to text.
function show(vector, index) {
    const type = vector.type;
    if (type.typeId === Type.Null || !vector.isValid(index)) return 'NULL';
    const value = () => vector.get(index);
    if (DataType.isFloat(type)) return float(value());
    if (DataType.isBinary(type)) return hex(value());
    if (DataType.isDecimal(type)) return decimal(value());
    if (DataType.isDate(type) || DataType.isTime(type) || DataType.isTimestamp(type))
        return stored(vector, index);
    if (DataType.isList(type) || DataType.isFixedSizeList(type))
        return '[' + children(value()).join(', ') + ']';
    if (DataType.isMap(type)) {
        // Entries are a list of structs.
        const data = vector.data.length === 1 ? vector.data[0] : null;
        if (!data) return null;
        const keys = [], entries = data.children[0];
        const {Vector} = require('apache-arrow');
        const [k, v] = entries.children.map((child) => new Vector([child]));
        for (let i = data.valueOffsets[index]; i < data.valueOffsets[index + 1]; i++)
            keys.push(show(k, i) + '=' + show(v, i));
        return '{' + keys.join(', ') + '}';
    }
    if (DataType.isStruct(type))
        return '{' + type.children.map((f, i) =>
            `'${f.name}': ` + show(vector.getChildAt(i), index)).join(', ') + '}';
    if (DataType.isInterval(type)) {
        const data = vector.data[0];
        const view = new DataView(data.values.buffer, data.values.byteOffset);
        return [view.getInt32(index * 16, true), view.getInt32(index * 16 + 4, true),
            view.getBigInt64(index * 16 + 8, true)].join(',');
    }
    return String(value());
}

// Rows batch by batch: the code above looks into one batch at a time.
function lines(bytes) {
    const {Vector} = require('apache-arrow');
    const table = tableFromIPC(bytes);
    const out = [];
    let row = 0;
    for (const batch of table.batches) {
        const rows = batch.getChild('row');
        const values = new Vector([batch.getChild('v').data[0]]);
        for (let i = 0; i < batch.numRows; i++) {
            if (Number(rows.get(i)) !== row++) throw new Error(`row ${row - 1} is not in its place`);
            out.push(show(values, i));
        }
    }
    return {table, out};
}

const [folder, first] = [process.argv[2], Number(process.argv[3])];
let number = first, failures = 0;
for (const name of fs.readdirSync(folder).sort()) {
    const match = /^(.*)-(whole|sliced|encoded)\.arrows?$/.exec(name);
    if (!match) continue;
    const expected = fs.readFileSync(path.join(folder, match[1] + '.expected'), 'utf8').split('\n');
    expected.pop();
    let problem = null;
    try {
        const {table, out} = lines(fs.readFileSync(path.join(folder, name)));
        if (match[2] === 'encoded' && !DataType.isDictionary(table.schema.fields[1].type))
            problem = 'is no dictionary';
        if (out.length !== expected.length)
            problem = `${out.length} rows, expected ${expected.length}`;
        for (let i = 0; i < out.length && !problem; i++)
            if (out[i] !== expected[i]) problem = `row ${i}: ${out[i]}, expected ${expected[i]}`;
    } catch (error) {
        problem = String(error.stack).split('\n').slice(0, 4).join(' | ');
    }
    console.log(`${problem ? 'not ok' : 'ok'} ${number++} - apache-arrow reads ${name}`);
    if (problem) {
        console.log('#   ' + problem);
        failures++;
    }
}
process.exit(failures || number === first ? 1 : 0);
