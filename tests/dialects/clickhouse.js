// Runs the queries of run.sh in ClickHouse: folder/clickhouse.tsv over folder/data/*.parquet, each
// into clickhouse/NAME.csv, or NAME.error.
const fs = require("fs");
const path = require("path");
const { Session } = require(path.join(__dirname, "node_modules", "chdb"));

const work = process.argv[2];
const session = new Session();

function run(sql) {
  return session.query(sql, "TabSeparated");
}

for (const statement of fs.readFileSync(path.join(work, "prelude.clickhouse.sql"), "utf8").split(";\n"))
  if (statement.trim()) run(statement);

for (const part of ["rules", "random", "vectors"]) {
  const folder = path.join(work, part);
  run(`CREATE DATABASE ${part}`);
  run(`USE ${part}`);
  for (const file of fs.existsSync(path.join(folder, "data")) ? fs.readdirSync(path.join(folder, "data")) : []) {
    if (!file.endsWith(".parquet")) continue;
    const table = path.basename(file, ".parquet");
    run(`CREATE TABLE "${table}" ENGINE = Memory AS SELECT * FROM file('${path.join(folder, "data", file)}', Parquet)
         SETTINGS schema_inference_make_columns_nullable = 1`);
  }
  for (const line of fs.readFileSync(path.join(folder, "clickhouse.tsv"), "utf8").split("\n")) {
    const [name, query] = line.split(/\t(.*)/s);
    if (!query || query.startsWith("! ")) continue;
    const stem = path.join(folder, "clickhouse", name.replace(/[^A-Za-z0-9_:.]/g, "_"));
    try {
      fs.writeFileSync(`${stem}.csv`, run(query));
    } catch (error) {
      fs.writeFileSync(`${stem}.error`, String(error.message).slice(0, 600) + "\n");
    }
  }
}
session.cleanup();
