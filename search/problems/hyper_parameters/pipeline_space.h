#pragma once
// The parameters of `pipeline` by number, and their values.

#include <cstddef>

#include "core/search_space.h"

namespace tonne::pipeline {

enum Field : std::size_t {
  kImputation,
  kImputationNeighbours,
  kImputationRounds,
  kIndicator,
  kEncoding,
  kRareShare,
  kSmoothing,
  kBuckets,
  kScaling,
  kGenerated,
  kDegree,
  kGroups,
  kRandomFeatures,
  kSelection,
  kKept,
  kTrees,
  kExplained,
  kModel,
  kPenalty,
  kRegularisation,
  kForestTrees,
  kForestDepth,
  kForestColumns,
  kRounds,
  kShrinkage,
  kBoostDepth,
  kSubsample,
  kLayers,
  kWidth,
  kLearningRate,
  kWeightDecay,
  kEpochs,
  kNeighbours,
  kWeighting,
  kFields
};

enum Imputation : std::size_t { kNoImputation, kMean, kMedian, kNearest, kIterative };
enum Encoding : std::size_t { kOrdinal, kOneHot, kTarget, kHash };
enum Scaling : std::size_t { kUnscaled, kStandard, kMinMax, kQuantile };
enum Generated : std::size_t { kNothing, kPolynomial, kAggregates, kRandom };
enum Selection : std::size_t { kEverything, kUnivariate, kByForest, kPca };
enum Model : std::size_t { kLinear, kForest, kBoosting, kPerceptron, kKnn, kModels };

[[nodiscard]] SearchSpace make_space();

}  // namespace tonne::pipeline
