#pragma once
// Physical quantities as strong types: a unit mistake does not compile.
//
// A quantity is a double in base units (second, joule, kilogram CO2e, FLOP, byte, US dollar, litre, square centimetre) with its
// dimension in the type. Every conversion factor of the program stands in this file and nowhere else.

#include <compare>

namespace tonne {

/// Exponents of the base dimensions; only dies have an area.
template <int TimeExp, int EnergyExp, int CarbonExp, int WorkExp, int BytesExp, int MoneyExp, int WaterExp, int AreaExp = 0>
struct Dimension {};

template <class Dim>
class Quantity {
 public:
  constexpr Quantity() = default;

  /// From and to base units; for parsing, storage and tests. Prefer `3.0 * hour` and `energy / kilowatt_hour`.
  [[nodiscard]] static constexpr Quantity from_base(double value) { return Quantity(value); }
  [[nodiscard]] constexpr double base() const { return value_; }

  constexpr auto operator<=>(const Quantity&) const = default;

  constexpr Quantity& operator+=(Quantity other) { return value_ += other.value_, *this; }
  constexpr Quantity& operator-=(Quantity other) { return value_ -= other.value_, *this; }
  constexpr Quantity& operator*=(double factor) { return value_ *= factor, *this; }
  friend constexpr Quantity operator+(Quantity a, Quantity b) { return Quantity(a.value_ + b.value_); }
  friend constexpr Quantity operator-(Quantity a, Quantity b) { return Quantity(a.value_ - b.value_); }
  friend constexpr Quantity operator-(Quantity a) { return Quantity(-a.value_); }
  friend constexpr Quantity operator*(double factor, Quantity a) { return Quantity(factor * a.value_); }
  friend constexpr Quantity operator*(Quantity a, double factor) { return Quantity(a.value_ * factor); }
  friend constexpr Quantity operator/(Quantity a, double divisor) { return Quantity(a.value_ / divisor); }

 private:
  explicit constexpr Quantity(double value) : value_(value) {}
  double value_ = 0.0;
};

namespace detail {

template <class Dim>
struct MakeQuantity {
  using Type = Quantity<Dim>;
  static constexpr Type make(double value) { return Type::from_base(value); }
};
template <>
struct MakeQuantity<Dimension<0, 0, 0, 0, 0, 0, 0>> {
  using Type = double;
  static constexpr double make(double value) { return value; }
};

template <class A, class B, int Sign>
struct Combine;
template <int... A, int... B, int Sign>
struct Combine<Dimension<A...>, Dimension<B...>, Sign> {
  using Type = Dimension<(A + Sign * B)...>;
};

}  // namespace detail

/// The dimensions add up; a dimensionless product is a plain double.
template <class A, class B>
[[nodiscard]] constexpr auto operator*(Quantity<A> a, Quantity<B> b) {
  return detail::MakeQuantity<typename detail::Combine<A, B, 1>::Type>::make(a.base() * b.base());
}
template <class A, class B>
[[nodiscard]] constexpr auto operator/(Quantity<A> a, Quantity<B> b) {
  return detail::MakeQuantity<typename detail::Combine<A, B, -1>::Type>::make(a.base() / b.base());
}

using Duration = Quantity<Dimension<1, 0, 0, 0, 0, 0, 0>>;
using Energy = Quantity<Dimension<0, 1, 0, 0, 0, 0, 0>>;
using Power = Quantity<Dimension<-1, 1, 0, 0, 0, 0, 0>>;
using Carbon = Quantity<Dimension<0, 0, 1, 0, 0, 0, 0>>;          // mass of CO2 equivalent
using Intensity = Quantity<Dimension<0, -1, 1, 0, 0, 0, 0>>;      // carbon per energy
using Work = Quantity<Dimension<0, 0, 0, 1, 0, 0, 0>>;            // floating-point operations
using WorkRate = Quantity<Dimension<-1, 0, 0, 1, 0, 0, 0>>;
using Bytes = Quantity<Dimension<0, 0, 0, 0, 1, 0, 0>>;
using Bandwidth = Quantity<Dimension<-1, 0, 0, 0, 1, 0, 0>>;
using Money = Quantity<Dimension<0, 0, 0, 0, 0, 1, 0>>;
using PriceRate = Quantity<Dimension<-1, 0, 0, 0, 0, 1, 0>>;      // money per time
using EnergyPrice = Quantity<Dimension<0, -1, 0, 0, 0, 1, 0>>;
using CarbonPrice = Quantity<Dimension<0, 0, -1, 0, 0, 1, 0>>;
using CarbonRate = Quantity<Dimension<-1, 0, 1, 0, 0, 0, 0>>;     // embodied carbon per time of use
using Water = Quantity<Dimension<0, 0, 0, 0, 0, 0, 1>>;
using WaterIntensity = Quantity<Dimension<0, -1, 0, 0, 0, 0, 1>>;
using Area = Quantity<Dimension<0, 0, 0, 0, 0, 0, 0, 1>>;         // of a die

inline constexpr Duration second = Duration::from_base(1.0);
inline constexpr Duration minute = 60.0 * second;
inline constexpr Duration hour = 60.0 * minute;
inline constexpr Duration day = 24.0 * hour;
inline constexpr Duration year = 365.25 * day;  // Julian year, the astronomers' and ACT's convention

inline constexpr Energy joule = Energy::from_base(1.0);
inline constexpr Power watt = joule / second;
inline constexpr Power kilowatt = 1e3 * watt;
inline constexpr Energy watt_hour = watt * hour;
inline constexpr Energy kilowatt_hour = kilowatt * hour;

inline constexpr Carbon kilogram = Carbon::from_base(1.0);
inline constexpr Carbon gram = 1e-3 * kilogram;
inline constexpr Carbon tonne_co2e = 1e3 * kilogram;
inline constexpr Carbon pound = 0.45359237 * kilogram;  // international avoirdupois pound, exact by definition
inline constexpr Intensity gram_per_kilowatt_hour = gram / kilowatt_hour;
inline constexpr Intensity kilogram_per_kilowatt_hour = kilogram / kilowatt_hour;

inline constexpr Work flop = Work::from_base(1.0);
inline constexpr Work gigaflop = 1e9 * flop;
inline constexpr WorkRate flop_per_second = flop / second;
inline constexpr WorkRate teraflop_per_second = 1e12 * flop_per_second;

inline constexpr Bytes byte = Bytes::from_base(1.0);
inline constexpr Bytes gigabyte = 1e9 * byte;
inline constexpr Bytes gibibyte = 1073741824.0 * byte;
inline constexpr Bandwidth gigabyte_per_second = gigabyte / second;

inline constexpr Money dollar = Money::from_base(1.0);
inline constexpr PriceRate dollar_per_hour = dollar / hour;
inline constexpr Water litre = Water::from_base(1.0);
inline constexpr Area square_centimetre = Area::from_base(1.0);
inline constexpr Area square_millimetre = 0.01 * square_centimetre;

}  // namespace tonne
