/* Positions in lines (kernels/text_positions.h) as expressions of each dialect, duckdb's builtins
 * among them: the spellings of col_to_byte and its like. */
#ifndef SQL_SQL_SPELL_POSITIONS_H
#define SQL_SQL_SPELL_POSITIONS_H

#include "sql/sql_spell.h"

sql_spell_fn sql_spell_position_encoding, sql_spell_position_error;
sql_spell_fn sql_spell_col_to_byte, sql_spell_byte_to_col;

#endif
