#pragma once
// Results in the formats of other tools, made from the store alone: the same store gives the same bytes.
// Trials are streamed. docs/how-to.md says what becomes what. Searches whose names would be the same, or
// trials that are not all there, are a StoreError, and no file is written.

#include <filesystem>

namespace tonne {

class Store;

/// A journal as of Optuna 3.1 (JournalStorage over a file): one study a search, named
/// problem/scenario/strategy/seed, its trials with distributions, values, states and intermediate values.
/// Screenings are left out: they are no trainings. Times count from 2000-01-01. Throws StoreError.
void write_optuna_journal(const Store& store, const std::filesystem::path& file);

/// A SQLite file of Optuna's, schema 12, for 3.x and 4.x and optuna-dashboard: the same studies and trials as in the journal.
/// Throws StoreError.
void write_optuna_sqlite(const Store& store, const std::filesystem::path& file);

/// A new folder of IOHprofiler's .json and .dat files, in which kg CO2e, kWh and seconds stand beside the values: the incumbents
/// of each search and its end. Searches without an incumbent are left out. Throws StoreError, also where the folder exists.
void write_iohprofiler(const Store& store, const std::filesystem::path& folder);

/// One row a trial (screenings too), one column for each objective and parameter of any problem. Throws StoreError.
void write_tidy(const Store& store, const std::filesystem::path& file);

/// emissions.csv with the columns of CodeCarbon 2.4, one row a search: operational CO2e, energy by device and
/// host. Throws StoreError.
void write_codecarbon(const Store& store, const std::filesystem::path& file);

/// results.csv in the manner of Syne Tune: one row a report of a trial, after the columns that say to which
/// search it belongs. Configurations of several problems stand in the same columns, config_NAME. Throws
/// StoreError.
void write_syne_tune(const Store& store, const std::filesystem::path& file);

}  // namespace tonne
