-- the latest version of each row
SELECT * EXCLUDE (loaded_at) FROM staging QUALIFY row_number() OVER (PARTITION BY id ORDER BY loaded_at DESC) = 1
