#pragma once
// What a search has to say beside its results.

#include <cstdint>
#include <string>
#include <string_view>

namespace tonne {

/// Something worth knowing about how a search went: it enters no result, no store and no digest.
struct Note {
  std::string_view event;  ///< "external_stderr", "surrogate_fallback": stable, for programs
  std::string text;        ///< for people; may be a user's own, unfiltered
};

/// Hears notes as they come, on the thread of the search.
class NoteSink {
 public:
  virtual ~NoteSink() = default;
  virtual void note(const Note& note) = 0;
};

}  // namespace tonne
