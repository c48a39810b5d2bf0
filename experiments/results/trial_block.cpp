#include "experiments/results/trial_block.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numeric>
#include <span>
#include <utility>

namespace tonne {
namespace {

constexpr char kBlockVersion = 1;
constexpr std::size_t kMostParameters = 1U << 20U, kMostSites = 1U << 16U;
constexpr std::size_t kHashed = 9, kContent = 16;  // of the data: where what is hashed begins, and how long the content's sum is

std::uint64_t zigzag(std::uint64_t difference) { return (difference << 1U) ^ (0 - (difference >> 63U)); }
std::uint64_t unzigzag(std::uint64_t word) { return (word >> 1U) ^ (0 - (word & 1U)); }

// A number that is predicted; one that is none has many bit patterns, of which a processor may choose.
std::uint64_t predicted_bits(double value) { return std::isnan(value) ? 0 : std::bit_cast<std::uint64_t>(value); }

std::uint64_t hash_bytes(std::string_view bytes) {
  std::uint64_t hash = bytes.size();
  while (!bytes.empty()) {
    std::uint64_t word = 0;
    const std::size_t count = std::min<std::size_t>(8, bytes.size());
    for (std::size_t i = 0; i < count; ++i)
      word |= static_cast<std::uint64_t>(static_cast<std::uint8_t>(bytes[i])) << (8 * i);
    hash = mix_bits(hash ^ word);
    bytes.remove_prefix(count);
  }
  return hash;
}

// Both ways at once, so that they cannot differ: each column is gone through from its first row to its last, and `code` turns a
// word into what differs from its prediction, or back.
template <bool Encodes>
class BlockCodec {
 public:
  BlockCodec(TrialColumns& columns, BlockScratch& scratch)
      : columns_(columns), scratch_(scratch), rows_(columns.rows()), sums_(rows_) {
    scratch_.residuals.resize(rows_);
    scratch_.more_residuals.resize(rows_);
  }

  ContentSum code_columns() {
    code_parameters();
    find_earlier(scratch_.earlier, [&](std::size_t i) { return sums_.so_far(i); });
    code_results();
    code_counts();
    code_charged();
    const auto* charged = words(TrialColumn::charged_s);
    find_earlier(scratch_.earlier, [&](std::size_t i) { return charged[i]; });
    for (const TrialColumn column : {TrialColumn::fidelity, TrialColumn::trained_from}) code_as_earlier(column);
    code_lost();
    code_times();
    code_usage();
    return sums_.sum();
  }

 private:
  std::uint64_t* words(TrialColumn column) { return columns_.words(column); }
  std::span<std::uint64_t> residuals() { return scratch_.residuals; }

  void code_number(std::uint64_t& number) {
    if constexpr (Encodes) {
      scratch_.writer.put_number(number);
    } else {
      number = scratch_.reader.number();
    }
  }

  // Whether all rows have one word; then nothing is left to do.
  bool code_same(std::size_t column) {
    std::uint64_t* const at = columns_.words(column);
    std::uint64_t same = 0, word = at[0];
    if constexpr (Encodes) {
      std::uint64_t varying = 0;
      for (std::size_t i = 0; i < rows_; ++i) varying |= at[i] ^ word;
      same = varying == 0 ? 1 : 0;
    }
    code_number(same);
    if (same == 0) return false;
    code_number(word);
    if constexpr (!Encodes) std::fill_n(at, rows_, word);
    sums_.add_same(column, summed_word(column, word));
    return true;
  }

  // Sites are summed by their names, whatever their number in this block.
  [[nodiscard]] std::uint64_t summed_word(std::size_t column, std::uint64_t word) const {
    if (column != static_cast<std::size_t>(TrialColumn::site) || word == 0) return word;
    if (word > columns_.sites().size()) throw DamagedBytes{};
    return hash_text(columns_.sites()[word - 1]);
  }

  void sum_up(std::size_t column) {
    if (column != static_cast<std::size_t>(TrialColumn::site)) return sums_.add(column, columns_.words(column));
    const std::uint64_t* const at = columns_.words(column);
    for (std::size_t i = 0; i < rows_; ++i) scratch_.residuals[i] = summed_word(column, at[i]);
    sums_.add(column, scratch_.residuals.data());
  }

  void begin(std::span<std::uint64_t> residuals) {
    if constexpr (!Encodes) scratch_.reader.words(residuals);
  }
  void end(std::span<std::uint64_t> residuals) {
    if constexpr (Encodes) scratch_.writer.put_words(residuals);
  }
  static void code(std::uint64_t& word, std::uint64_t& residual, std::uint64_t prediction) {
    if constexpr (Encodes) {
      residual = zigzag(word - prediction);
    } else {
      word = unzigzag(residual) + prediction;
    }
  }
  // Where the prediction is right or worthless.
  static void code_bits(std::uint64_t& word, std::uint64_t& residual, std::uint64_t prediction) {
    (Encodes ? residual : word) = (Encodes ? word : residual) ^ prediction;
  }

  template <class Predict>
  void code_column(std::size_t column, const Predict& predict) {
    if (code_same(column)) return;
    std::uint64_t* const at = columns_.words(column);
    begin(residuals());
    for (std::size_t i = 0; i < rows_; ++i) code(at[i], scratch_.residuals[i], predict(i));
    end(residuals());
    sum_up(column);
  }
  template <class Predict>
  void code_column_bits(std::size_t column, const Predict& predict) {
    if (code_same(column)) return;
    std::uint64_t* const at = columns_.words(column);
    begin(residuals());
    for (std::size_t i = 0; i < rows_; ++i) code_bits(at[i], scratch_.residuals[i], predict(i));
    end(residuals());
    sum_up(column);
  }
  static constexpr auto kNothing = [](std::size_t) { return std::uint64_t{0}; };

  // For each row, the last one before it with the same key, or -1. Two keys may share a place: then the older one is forgotten.
  template <class Key>
  void find_earlier(std::vector<std::int32_t>& earlier, const Key& key) {
    const unsigned bits = static_cast<unsigned>(std::bit_width(rows_)) + 1;
    scratch_.table.assign(std::size_t{1} << bits, -1);
    earlier.resize(rows_);
    for (std::size_t i = 0; i < rows_; ++i) {
      const std::uint64_t own = key(i);
      std::int32_t& last = scratch_.table[(own * 0x9e3779b97f4a7c15ULL) >> (64 - bits)];
      earlier[i] = last >= 0 && key(static_cast<std::size_t>(last)) == own ? last : -1;
      last = static_cast<std::int32_t>(i);
    }
  }
  [[nodiscard]] bool has_earlier(std::size_t row) const { return scratch_.earlier[row] >= 0; }
  [[nodiscard]] std::uint64_t earlier_word(const std::uint64_t* at, std::size_t row) const {
    return at[static_cast<std::size_t>(scratch_.earlier[row])];
  }

  void code_as_earlier(TrialColumn which) {
    const std::uint64_t* const at = words(which);
    code_column_bits(static_cast<std::size_t>(which),
                     [&](std::size_t i) { return has_earlier(i) ? earlier_word(at, i) : std::uint64_t{0}; });
  }

  // --- configurations: whole numbers as such, others by their bits ---

  void code_parameters() {
    for (std::size_t m = 0; m < columns_.mask_columns(); ++m) code_column_bits(kTrialColumns + m, kNothing);
    for (std::size_t p = 0; p < columns_.parameters(); ++p) code_parameter(kTrialColumns + columns_.mask_columns() + p);
  }

  [[nodiscard]] bool are_whole(const std::uint64_t* at) const {
    constexpr double kExact = 9007199254740992.0;  // 2^53
    return std::all_of(at, at + rows_, [](std::uint64_t word) {
      const double value = std::bit_cast<double>(word);
      return std::abs(value) < kExact &&
             std::bit_cast<std::uint64_t>(static_cast<double>(static_cast<std::int64_t>(value))) == word;
    });
  }

  void code_parameter(std::size_t column) {
    if (code_same(column)) return;
    std::uint64_t* const at = columns_.words(column);
    std::uint64_t whole = Encodes && are_whole(at) ? 1 : 0;
    code_number(whole);
    begin(residuals());
    for (std::size_t i = 0; i < rows_; ++i) {
      std::uint64_t& residual = scratch_.residuals[i];
      if (whole == 0) {
        code_bits(at[i], residual, 0);
      } else if constexpr (Encodes) {
        residual = zigzag(static_cast<std::uint64_t>(static_cast<std::int64_t>(std::bit_cast<double>(at[i]))));
      } else {
        at[i] = std::bit_cast<std::uint64_t>(static_cast<double>(static_cast<std::int64_t>(unzigzag(residual))));
      }
    }
    end(residuals());
    sum_up(column);
  }

  // --- objectives and constraints: often the same where the configuration is ---

  void code_results() {
    for (auto c = static_cast<std::size_t>(TrialColumn::objective); c < kTrialColumns; ++c)
      code_as_earlier(static_cast<TrialColumn>(c));
  }

  void code_counts() {
    const std::uint64_t* const trial = words(TrialColumn::trial);
    code_column(static_cast<std::size_t>(TrialColumn::trial),
                [&](std::size_t i) { return i > 0 ? trial[i - 1] + 1 : std::uint64_t{0}; });
    code_column(static_cast<std::size_t>(TrialColumn::resumes), kNothing);
    for (const TrialColumn column : {TrialColumn::worker, TrialColumn::repeat, TrialColumn::status, TrialColumn::site,
                                     TrialColumn::preemptions, TrialColumn::objectives, TrialColumn::constraints})
      code_column_bits(static_cast<std::size_t>(column), kNothing);
  }

  // --- the charged time: in the order in which times first appear, where many come again ---

  void code_charged() {
    constexpr auto kColumn = static_cast<std::size_t>(TrialColumn::charged_s);
    if (code_same(kColumn)) return;
    if constexpr (Encodes) {
      encode_charged(words(TrialColumn::charged_s));
    } else {
      decode_charged(words(TrialColumn::charged_s));
    }
    sum_up(kColumn);
  }

  void encode_charged(const std::uint64_t* charged) {
    find_earlier(scratch_.earlier, [&](std::size_t i) { return charged[i]; });
    std::vector<std::uint64_t>& numbers = scratch_.residuals;
    std::vector<std::uint64_t>& distinct = scratch_.more_residuals;
    distinct.clear();
    for (std::size_t i = 0; i < rows_; ++i) {
      numbers[i] = has_earlier(i) ? earlier_word(numbers.data(), i) : distinct.size();
      if (!has_earlier(i)) distinct.push_back(charged[i]);
    }
    if (2 * distinct.size() > rows_) {
      scratch_.writer.put_number(0);
      scratch_.writer.put_words({charged, rows_});
    } else {
      scratch_.writer.put_number(distinct.size());
      scratch_.writer.put_words(distinct);
      scratch_.writer.put_words(numbers);
    }
    distinct.resize(rows_);
  }

  void decode_charged(std::uint64_t* charged) {
    const std::uint64_t count = scratch_.reader.number();
    if (count == 0) return scratch_.reader.words({charged, rows_});
    if (count > rows_) throw DamagedBytes{};
    const std::span distinct = std::span(scratch_.more_residuals).first(count);
    scratch_.reader.words(distinct);
    scratch_.reader.words(residuals());
    for (std::size_t i = 0; i < rows_; ++i) {
      if (scratch_.residuals[i] >= count) throw DamagedBytes{};
      charged[i] = distinct[scratch_.residuals[i]];
    }
  }

  // --- times: a worker's next trial starts when its last one ended, but not before an earlier trial started ---

  void code_times() {
    constexpr std::size_t kMostWorkers = 1U << 16U;
    std::uint64_t* const starts = words(TrialColumn::start_s);
    std::uint64_t* const ends = words(TrialColumn::end_s);
    const std::uint64_t* const workers = words(TrialColumn::worker);
    const std::uint64_t last_worker = std::min<std::uint64_t>(*std::max_element(workers, workers + rows_), kMostWorkers - 1);
    std::vector<double>& free_at = scratch_.worker_ends;
    free_at.assign(std::bit_ceil(last_worker + 1), 0.0);
    begin(residuals());
    begin(scratch_.more_residuals);
    double last_start = 0.0;
    for (std::size_t i = 0; i < rows_; ++i) {
      double& worker_end = free_at[workers[i] & (free_at.size() - 1)];
      code(starts[i], scratch_.residuals[i], predicted_bits(worker_end > last_start ? worker_end : last_start));
      last_start = std::bit_cast<double>(starts[i]);
      const double end = last_start + columns_.number(TrialColumn::charged_s, i) + columns_.number(TrialColumn::lost_s, i);
      code(ends[i], scratch_.more_residuals[i], predicted_bits(end));
      worker_end = std::bit_cast<double>(ends[i]);
    }
    end(residuals());
    end(scratch_.more_residuals);
    sum_up(static_cast<std::size_t>(TrialColumn::start_s));
    sum_up(static_cast<std::size_t>(TrialColumn::end_s));
  }

  void code_lost() {
    for (const TrialColumn column : {TrialColumn::lost_s, TrialColumn::lost_j, TrialColumn::lost_kg, TrialColumn::lost_usd})
      code_column_bits(static_cast<std::size_t>(column), kNothing);
  }

  // --- what was used: as when the same time was charged before, else in proportion to `base` ---

  template <class Base>
  void code_in_proportion(TrialColumn which, const Base& base) {
    const auto column = static_cast<std::size_t>(which);
    if (code_same(column)) return;
    std::uint64_t* const at = words(which);
    begin(residuals());
    double slope = 0.0;
    for (std::size_t i = 0; i < rows_; ++i) {
      if (has_earlier(i)) {
        code(at[i], scratch_.residuals[i], earlier_word(at, i));
        continue;
      }
      const double of = base(i);
      code(at[i], scratch_.residuals[i], predicted_bits(of * slope));
      if (of > 0.0) slope = std::bit_cast<double>(at[i]) / of;
    }
    end(residuals());
    sum_up(column);
  }

  void code_usage() {
    const auto charged = [&](std::size_t i) { return columns_.number(TrialColumn::charged_s, i); };
    for (const TrialColumn column : {TrialColumn::device_dynamic_j, TrialColumn::device_idle_j, TrialColumn::host_j,
                                     TrialColumn::transfer_j, TrialColumn::embodied_kg, TrialColumn::usd})
      code_in_proportion(column, charged);
    std::vector<double>& energies = scratch_.energies;
    energies.assign(rows_, 0.0);
    const auto add = [&](TrialColumn column) {
      for (std::size_t i = 0; i < rows_; ++i) energies[i] += columns_.number(column, i);
    };
    for (const TrialColumn column : {TrialColumn::device_dynamic_j, TrialColumn::device_idle_j, TrialColumn::host_j})
      add(column);
    const auto energy = [&](std::size_t i) { return energies[i]; };
    code_in_proportion(TrialColumn::facility_j, energy);
    add(TrialColumn::facility_j);
    add(TrialColumn::transfer_j);
    code_in_proportion(TrialColumn::operational_kg, energy);
  }

  TrialColumns& columns_;
  BlockScratch& scratch_;
  const std::size_t rows_;
  ColumnSums sums_;
};

// What a reader of rows relies on.
void check_rows(const TrialColumns& columns) {
  const auto all_below = [&](TrialColumn column, std::uint64_t bound) {
    const std::uint64_t* const at = columns.words(column);
    if (std::any_of(at, at + columns.rows(), [&](std::uint64_t word) { return word >= bound; })) throw DamagedBytes{};
  };
  all_below(TrialColumn::status, kTrialStatusNames.size());
  all_below(TrialColumn::site, columns.sites().size() + 1);
  all_below(TrialColumn::objectives, kMaxObjectives + 1);
  all_below(TrialColumn::constraints, kMaxObjectives + 1);
}

}  // namespace

TrialBlock encode_block(TrialColumns& columns, BlockScratch& scratch) {
  PlaneWriter& writer = scratch.writer;
  writer.put_number(columns.rows());
  writer.put_number(columns.parameters());
  writer.put_number(columns.sites().size());
  for (const std::string& site : columns.sites()) writer.put_text(site);
  TrialBlock block;
  block.content = BlockCodec<true>(columns, scratch).code_columns();
  block.trials = columns.rows();
  block.first_trial = *std::min_element(columns.words(TrialColumn::trial), columns.words(TrialColumn::trial) + columns.rows());
  const std::string body = writer.take();
  writer.put_word(block.content.a);
  writer.put_word(block.content.b);
  block.data = resealed_block(std::string(1, kBlockVersion) + std::string(8, '\0') + writer.take() + body);
  return block;
}

std::string resealed_block(std::string data) {
  const std::uint64_t hash = hash_bytes(std::string_view(data).substr(kHashed));
  for (unsigned i = 0; i < 8; ++i) data[1 + i] = static_cast<char>(hash >> (8 * i));
  return data;
}

ContentSum decode_block(std::string_view data, TrialColumns& columns, BlockScratch& scratch) {
  if (data.size() < kHashed + kContent || data.front() != kBlockVersion) throw DamagedBytes{};
  PlaneReader& reader = scratch.reader;
  reader.open(data.substr(1));
  if (reader.word() != hash_bytes(data.substr(kHashed))) throw DamagedBytes{};
  ContentSum expected;
  expected.a = reader.word();
  expected.b = reader.word();
  const std::uint64_t rows = reader.number(), parameters = reader.number(), sites = reader.number();
  if (rows == 0 || parameters > std::min(data.size(), kMostParameters) || rows > block_trials(parameters) || sites > kMostSites) throw DamagedBytes{};
  columns.reset(parameters, rows);
  std::vector<std::string> names;
  for (std::uint64_t s = 0; s < sites; ++s) names.emplace_back(reader.text());
  columns.set_sites(std::move(names));
  const ContentSum found = BlockCodec<false>(columns, scratch).code_columns();
  if (!reader.at_end() || !(found == expected)) throw DamagedBytes{};
  check_rows(columns);
  return found;
}

}  // namespace tonne
