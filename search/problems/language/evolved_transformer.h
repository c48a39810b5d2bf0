#pragma once
// The search space of the Evolved Transformer: So, Liang and Le 2019, "The Evolved Transformer", ICML.

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "core/problem.h"
#include "core/recipe.h"
#include "core/settings.h"

namespace tonne {

/// Appendix B's layers, 25 for the encoder; the decoder has `attend_to_encoder` besides.
inline constexpr std::array<std::string_view, 26> kTransformerLayerNames = {"conv_1x1",
                                                                            "conv_3x1",
                                                                            "separable_3x1",
                                                                            "separable_5x1",
                                                                            "separable_7x1",
                                                                            "separable_9x1",
                                                                            "separable_11x1",
                                                                            "lightweight_3x1_r1",
                                                                            "lightweight_3x1_r4",
                                                                            "lightweight_3x1_r16",
                                                                            "lightweight_5x1_r1",
                                                                            "lightweight_5x1_r4",
                                                                            "lightweight_5x1_r16",
                                                                            "lightweight_7x1_r1",
                                                                            "lightweight_7x1_r4",
                                                                            "lightweight_7x1_r16",
                                                                            "lightweight_15x1_r1",
                                                                            "lightweight_15x1_r4",
                                                                            "lightweight_15x1_r16",
                                                                            "attention_4",
                                                                            "attention_8",
                                                                            "attention_16",
                                                                            "gated_linear",
                                                                            "identity",
                                                                            "dead",
                                                                            "attend_to_encoder"};
inline constexpr std::array<std::string_view, 2> kTransformerPrecisionNames = {"fp32", "fp16"};

struct EvolvedTransformerSettings {
  /// Seed of the landscape.
  std::int64_t landscape = 0;
  /// Optimiser steps of a full training (So et al. 2019: 300K).
  std::int64_t steps = 300'000;
  /// Tokens of a step, in source and in target alike (Patterson et al. 2021, appendix C: 4,096 for the
  /// search).
  std::int64_t batch = 4096;
  /// sd of the training seed's effect on the log perplexity, in nats; a measurement adds half of it. Assumed.
  double noise = 0.004;
  /// sd of the logarithm of a network's own learning speed: the larger, the less 60K steps say of 300K.
  /// Assumed.
  double speed = 0.1;
  /// Mean of a change's effect, in units of its sd: 1 makes 84 % of the single changes of the Transformer
  /// harmful. Assumed.
  double harm = 1.0;
  /// fp16 stands for the bfloat16 of a TPU.
  Precision precision = Precision::fp16;
  /// Time of a step on the worker, the same for every network as in the published accounts of this search;
  /// absent: computed by the cost model from the network's own work.
  std::optional<Duration> step_time;

  void visit(SettingsVisitor& visitor);
};

/// The encoding of So et al. 2019: 14 blocks (6 of the encoder's cell, 8 of the decoder's) of two branches
/// with input, normalisation, layer, relative output dimension and activation, and a combiner; and the number
/// of cells of encoder and decoder. 156 fields, 7.3e115 networks. The default is the Transformer (base): two
/// of its layers make a cell, three cells stand on each other.
///
/// Work is counted from the live part of the network (blocks from which a path leads to the cell's output).
/// Log perplexity is generative; nothing of it was fitted to a search:
///
///     d        = sum of effects of the live fields that differ from the Transformer + pairs
///     L_inf    = L_T + g(d),   g(d) = 2 (1 - exp(-d / 2)) above 0, .15 (exp(d / .15) - 1) below
///     L(steps) = L_inf + 6 speed 2000 / (steps + 2000) + seed + measurement
///
/// Effects are hashed normals with a mean of `harm` sds (the Transformer is a good design: most changes
/// hurt), pairs hashed normals. A network's own speed lets curves cross. A decoder that does not attend to
/// the encoder pays 1.5 nats, a cell that connects nothing stays at the bound. See docs/models.md for what is
/// assumed.
[[nodiscard]] std::shared_ptr<const Problem> make_evolved_transformer(
    const EvolvedTransformerSettings& settings);

[[nodiscard]] std::unique_ptr<ProblemRecipe> make_evolved_transformer_recipe();

}  // namespace tonne
