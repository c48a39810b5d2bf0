#pragma once
// Views of a copy of plain tables (row_copy.h) in which a trial is a row and a parameter a column.

namespace SQLite {
class Database;
}

namespace tonne {

class StoreDatabase;

/// Makes a view `tidy` where the store has one problem, else `tidy_1`, `tidy_2`, ... in the order of the table `problems`. Columns:
/// problem, scenario, strategy, seed, trial, status, fidelity, trained_from, resumes, worker, start_s, seconds, kwh, kg_co2e, usd
/// (null where no price is known), objective_NAME, param_NAME (null where inactive). A problem of more columns than SQLite shows in
/// one row (2,000) gets none. Precondition: `copy` has the store's tables and `trials`.
void make_tidy_views(const StoreDatabase& store, SQLite::Database& copy);

}  // namespace tonne
