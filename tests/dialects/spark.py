"""Runs the queries of run.sh in Spark: folder/spark.tsv over folder/data/*.parquet, each into
spark/NAME.csv, or NAME.error."""
import glob
import os
import re
import sys

from pyspark.sql import SparkSession

work = sys.argv[1]
spark = (
    SparkSession.builder.config("spark.sql.shuffle.partitions", "1")
    .config("spark.sql.session.timeZone", "UTC")
    .config("spark.sql.parquet.inferTimestampNTZ.enabled", "true")
    .config("spark.driver.bindAddress", "127.0.0.1")
    .getOrCreate()
)
spark.sparkContext.setLogLevel("OFF")


def text(value):
    return "\\N" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


for part in ("rules", "random", "vectors"):
    folder = os.path.join(work, part)
    for file in glob.glob(os.path.join(folder, "data", "*.parquet")):
        table = os.path.basename(file)[: -len(".parquet")]
        spark.read.parquet(file).createOrReplaceTempView(f"`{table}`")
    with open(os.path.join(folder, "spark.tsv"), encoding="utf-8") as lines:
        for line in lines:
            name, query = line.rstrip("\n").split("\t", 1)
            if query.startswith("! "):
                continue
            stem = os.path.join(folder, "spark", re.sub("[^A-Za-z0-9_:.]", "_", name))
            try:
                rows = spark.sql(query).collect()
                with open(stem + ".csv", "w", encoding="utf-8") as out:
                    out.writelines(text(row[0]) + "\n" for row in rows)
            except Exception as error:  # what Spark says is the result
                with open(stem + ".error", "w", encoding="utf-8") as out:
                    out.write(str(error)[:600] + "\n")
