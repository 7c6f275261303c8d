"""Reads Arrow IPC files and streams with pyarrow, has it validate them, and compares their values
with what the engine said they are. Usage: read_arrow.py FOLDER FIRST_TEST_NUMBER. TAP."""

import math
import os
import re
import sys

import pyarrow as pa
import pyarrow.ipc


def show(scalar):
    """A value as the engine casts it to text."""
    kind = scalar.type
    if pa.types.is_union(kind):
        return show(scalar.value)
    if pa.types.is_dictionary(kind):
        return show(scalar.value)
    if not scalar.is_valid:
        return "NULL"
    if pa.types.is_boolean(kind):
        return "true" if scalar.as_py() else "false"
    if pa.types.is_float64(kind) or pa.types.is_float32(kind):
        value = scalar.as_py()
        if math.isnan(value) or math.isinf(value):
            return str(value)
        return str(int(value)) if value == int(value) and pa.types.is_float32(kind) else repr(value)
    if pa.types.is_binary(kind):
        return scalar.as_py().hex()
    if pa.types.is_decimal(kind):
        return str(int(scalar.as_py().scaleb(kind.scale)))
    if pa.types.is_interval(kind):
        return ",".join(str(part) for part in scalar.as_py())
    if pa.types.is_temporal(kind):
        return str(scalar.value)
    if pa.types.is_map(kind):
        return "{" + ", ".join(f"{show(e['key'])}={show(e['value'])}" for e in scalar.values) + "}"
    if pa.types.is_list(kind) or pa.types.is_fixed_size_list(kind):
        return "[" + ", ".join(show(value) for value in scalar.values) + "]"
    if pa.types.is_struct(kind):
        return "{" + ", ".join(f"'{kind[i].name}': {show(scalar[i])}" for i in range(kind.num_fields)) + "}"
    return str(scalar.as_py())


def read(path):
    opener = pa.ipc.open_file if path.endswith(".arrow") else pa.ipc.open_stream
    with pa.memory_map(path) as source:
        return opener(source).read_all()


def check(folder, name, case, how):
    with open(os.path.join(folder, case + ".expected"), encoding="utf-8", newline="\n") as file:
        expected = file.read().split("\n")[:-1]
    table = read(os.path.join(folder, name))
    table.validate(full=True)
    column = table.column("v")
    if how == "encoded" and not pa.types.is_dictionary(column.type):
        return "is no dictionary"
    if table.column("row").to_pylist() != list(range(len(expected))):
        return f"{table.num_rows} rows, expected {len(expected)}, or not in their order"
    for at, (value, wanted) in enumerate(zip(column, expected)):
        if show(value) != wanted:
            return f"row {at}: {show(value)}, expected {wanted}"
    return None


def main():
    folder, number = sys.argv[1], int(sys.argv[2])
    failures = tests = 0
    for name in sorted(os.listdir(folder)):
        match = re.fullmatch(r"(.*)-(whole|sliced|encoded)\.arrows?", name)
        if not match:
            continue
        try:
            problem = check(folder, name, match[1], match[2])
        except Exception as error:  # whatever a reader says is a finding
            problem = f"{type(error).__name__}: {error}"
        print(f"{'not ok' if problem else 'ok'} {number} - pyarrow {pa.__version__} reads {name}")
        number += 1
        tests += 1
        if problem:
            print("#   " + problem.replace("\n", " "))
            failures += 1
    sys.exit(1 if failures or not tests else 0)


main()
