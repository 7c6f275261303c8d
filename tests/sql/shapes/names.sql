-- names that need quotes, and words that do not
SELECT "select", "Two Words".x, t."quote""d", name, value, date, t.end, t.from AS "from" FROM "Two Words" AS t(index, "key") WHERE "größe" > größe
