// Tells the owner of an older processor what is wrong, before the first instruction that it does not know. Compiled
// for the oldest x86-64 (see CMakeLists.txt) and run ahead of all other initialisers, which already use newer ones.

#if defined(__x86_64__) && defined(TONNE_NEEDS_V3)

#include <string_view>
#include <unistd.h>

namespace {

[[gnu::constructor(101)]] void check_processor() {
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx2") != 0 && __builtin_cpu_supports("fma") != 0 && __builtin_cpu_supports("bmi2") != 0)
    return;
  constexpr std::string_view kMessage =
      "tonne: this build needs a processor with AVX2, FMA and BMI2 (x86-64-v3, 2013 and later). For an older one, configure "
      "with -DTONNE_BASELINE=x86-64-v2.\n";
  (void)!::write(2, kMessage.data(), kMessage.size());
  ::_exit(1);
}

}  // namespace

#endif
