/* The tables that describe every fact table, generated from rules/datasets.sql. */
#define FACT_TABLES_DEFINE
#include "fact_tables.h"
