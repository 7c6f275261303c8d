// Compares what the dialects gave (run.sh) with duckdb and prints a table: rule by dialect, then
// counts for the random queries and the vectors. Exits 1 where rows differ.
const fs = require("fs");
const path = require("path");
const [work, ...dialects] = process.argv.slice(2);

function lines(file) {
  return fs.readFileSync(file, "utf8").split("\n").map((line) => line.trim()).filter(Boolean).sort();
}

// What an engine says of itself that it lacks: correct SQL that it does not run.
function refused(message) {
  return /NOT_IMPLEMENTED|INVALID_JOIN_ON_EXPRESSION|UNSUPPORTED_METHOD|FULL JOIN is only supported|UNSUPPORTED_SUBQUERY|ambiguous identifier 'o/.test(message);
}

// The reason alone, so that refusals of one kind are counted together: not the query's own text.
function kindOf(message) {
  const code = message.match(/\(([A-Z_]{6,})\)\s*$/)?.[1] ?? message.match(/^\[([A-Z_.]+)\]/)?.[1];
  const words = message.replace(/^Query failed: Code: \d+\. DB::Exception: /, "").replace(/^\[[A-Z_.]+\] /, "");
  const general = words.replace(/(Cannot determine join keys in JOIN ON expression) .*/, "$1")
    .replace(/(outside of WHERE\/HAVING clauses): .*/, "$1").replace(/LINE 1: .*/, "");
  return code ? `${general.replace(`(${code})`, "").trim()} [${code}]` : general.trim();
}

function verdict(part, dialect, name, query) {
  if (query.startsWith("! ")) return ["cannot", query.slice(2)];
  const stem = path.join(work, part, dialect, name.replace(/[^A-Za-z0-9_:.]/g, "_"));
  if (fs.existsSync(`${stem}.error`)) {
    const message = fs.readFileSync(`${stem}.error`, "utf8").trim().replace(/\s+/g, " ");
    return refused(message) ? ["refused", kindOf(message)] : ["error", message];
  }
  if (!fs.existsSync(`${stem}.csv`)) return ["error", "no result"];
  const found = lines(`${stem}.csv`);
  if (part === "vectors") return /^(t|1|true)$/.test(found.join()) ? ["same"] : ["differs", found.join()];
  const expected = lines(path.join(work, part, "duckdb", `${name}.csv`));
  if (found.length === expected.length && found.every((line, i) => line === expected[i])) return ["same", `${found.length} rows`];
  return ["differs", `${found.length} rows, duckdb has ${expected.length}`];
}

const words = { same: "same", cannot: "cannot be said", refused: "engine refuses", error: "FAILS", differs: "DIFFERS" };
let bad = 0;
for (const part of ["rules", "random", "vectors"]) {
  const results = {};
  const notes = {};
  const counts = {};
  for (const dialect of dialects) {
    counts[dialect] = { same: 0, cannot: 0, refused: 0, error: 0, differs: 0 };
    for (const line of fs.readFileSync(path.join(work, part, `${dialect}.tsv`), "utf8").split("\n").filter(Boolean)) {
      const [name, query] = line.split(/\t(.*)/s);
      const [kind, why] = verdict(part, dialect, name, query);
      counts[dialect][kind] += 1;
      (results[name] ??= {})[dialect] = words[kind];
      if (kind !== "same") (notes[`${dialect}: ${words[kind]}: ${why}`] ??= []).push(name);
      if (kind === "error" || kind === "differs") bad += 1;
    }
  }
  console.log(`\n${part}`);
  if (part === "rules")
    for (const [name, row] of Object.entries(results))
      console.log(`  ${name.padEnd(28)}${dialects.map((d) => (row[d] ?? "").padEnd(16)).join("")}`);
  for (const dialect of dialects) {
    const c = counts[dialect];
    console.log(`  ${dialect.padEnd(12)}${c.same} same, ${c.cannot} cannot be said, ${c.refused} refused by the engine, ${c.differs} differ, ${c.error} fail`);
  }
  for (const [note, names] of Object.entries(notes))
    console.log(`  ${note.slice(0, 300)} (${names.length}: ${names.slice(0, 4).join(", ")}${names.length > 4 ? ", …" : ""})`);
}
console.log(bad ? `\n${bad} results are not duckdb's` : "\nall that can be said gives the rows that duckdb gives");
process.exit(bad ? 1 : 0);
