// X25519 (RFC 7748, section 5) on eight pairs of a scalar and a point at once. Source like field25519.h, which comes
// before it.

/// Two points of the ladder, as X and Z of each. All raw.
struct Ladder {
  Element x2, z2, x3, z3;
  Lanes swapped;  ///< ones where the two stand in each other's place
};

/// One bit of the scalar, a mask. Which point is doubled is selected; that the sum of both may come out as its negative
/// does not matter, as it is squared: so nothing is swapped, neither before nor after.
PADLOCK_LANES void step(Ladder& ladder, const Element& x1, Lanes bit) {
  const Lanes swap = bit ^ ladder.swapped;
  ladder.swapped = bit;
  const Element a = carry(add(ladder.x2, ladder.z2));
  const Element b = carry(subtract(ladder.x2, ladder.z2));
  const Element c = carry(add(ladder.x3, ladder.z3));
  const Element d = carry(subtract(ladder.x3, ladder.z3));
  const Element da = multiply(d, a);
  const Element cb = multiply(c, b);
  ladder.x3 = square(carry(add(da, cb)));
  ladder.z3 = multiply(x1, carry(square(carry(subtract(da, cb)))));
  const Element aa = carry(square(select(swap, a, c)));
  const Element bb = carry(square(select(swap, b, d)));
  const Element e = carry(subtract(aa, bb));
  ladder.x2 = multiply(aa, bb);
  ladder.z2 = multiply(e, carry(add(aa, multiply_small(e, 121'665))));  // a24
}

/// The bits of one word of the scalar, from `highest` down.
PADLOCK_LANES void climb(Ladder& ladder, const Element& x1, Lanes word, int highest) {
  for (int bit = highest; bit >= 0; --bit) step(ladder, x1, Lanes{} - ((word >> bit) & all(1)));
}

PADLOCK_LANES Words x25519(const Words& scalars, const Words& points) {
  const Element x1 = from_words(points);
  Ladder ladder{one(), zero(), x1, one(), Lanes{}};
  // decodeScalar25519 of section 5: bit 255 is not looked at, 254 is set, 0 to 2 are not.
  climb(ladder, x1, scalars.w3 | all(std::uint64_t{1} << 62), 62);
  climb(ladder, x1, scalars.w2, 63);
  climb(ladder, x1, scalars.w1, 63);
  climb(ladder, x1, scalars.w0 & all(~std::uint64_t{7}), 63);
  // Its last bit is 0, so the points stand in their own places.
  return to_words(product(carry(ladder.x2), invert(carry(ladder.z2))));
}
