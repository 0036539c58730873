// Arithmetic modulo p = 2^255 - 19 (RFC 7748, section 4.1) on eight numbers at once, one in each lane of a vector.
//
// This is source, not an interface: the two files that include it say first, inside namespace and guard of their own,
// what PADLOCK_LANES puts before each function (the CPU's extensions that it may use) and how lanes are multiplied:
//
//   Lanes add_low_product(Lanes sum, Lanes a, Lanes b)   sum + the low 52 bits of a * b, of a and b the low 52 bits
//   Lanes add_high_product(Lanes sum, Lanes a, Lanes b)  sum + the 52 bits above them
//
// No branch and no address here depends on what the lanes hold.

/// Five limbs of weight 2^(51 i). "Carried": each below 2^51 + 2^17, fit to be multiplied, as a multiplication sees 52
/// bits of each. "Raw": each below 2^60, what a multiplication gives.
struct Element {
  Lanes l0, l1, l2, l3, l4;
};

constexpr std::uint64_t limb_mask = (std::uint64_t{1} << 51) - 1;

PADLOCK_LANES Lanes all(std::uint64_t value) { return Lanes{} + value; }
PADLOCK_LANES Lanes times_19(Lanes x) { return (x << 4) + (x << 1) + x; }

PADLOCK_LANES Element zero() { return {Lanes{}, Lanes{}, Lanes{}, Lanes{}, Lanes{}}; }
PADLOCK_LANES Element one() { return {all(1), Lanes{}, Lanes{}, Lanes{}, Lanes{}}; }

/// Carries out of all limbs at the same time; 2^255 is 19.
PADLOCK_LANES Element carry(const Element& x) {
  const Lanes mask = all(limb_mask);
  return {(x.l0 & mask) + times_19(x.l4 >> 51), (x.l1 & mask) + (x.l0 >> 51), (x.l2 & mask) + (x.l1 >> 51),
          (x.l3 & mask) + (x.l2 >> 51), (x.l4 & mask) + (x.l3 >> 51)};
}

PADLOCK_LANES Element add(const Element& a, const Element& b) {
  return {a.l0 + b.l0, a.l1 + b.l1, a.l2 + b.l2, a.l3 + b.l3, a.l4 + b.l4};
}

/// 2^11 p + a - b, no limb of which is below 0 where `b` is carried or raw.
PADLOCK_LANES Element subtract(const Element& a, const Element& b) {
  const Lanes first = all((limb_mask - 18) << 11);
  const Lanes other = all(limb_mask << 11);
  return {a.l0 + (first - b.l0), a.l1 + (other - b.l1), a.l2 + (other - b.l2), a.l3 + (other - b.l3),
          a.l4 + (other - b.l4)};
}

/// `b` where the mask has ones, `a` where it has zeros.
PADLOCK_LANES Lanes select(Lanes mask, Lanes a, Lanes b) { return (mask & b) | (~mask & a); }
PADLOCK_LANES Element select(Lanes mask, const Element& a, const Element& b) {
  return {select(mask, a.l0, b.l0), select(mask, a.l1, b.l1), select(mask, a.l2, b.l2), select(mask, a.l3, b.l3),
          select(mask, a.l4, b.l4)};
}

/// Column k of a product is the sum of the low halves of a_i b_j with i + j = k, and of twice the high halves of those
/// with i + j = k - 1: 2^52 is two of the next limb. Columns 5 to 9 weigh 2^255, which is 19, more than 0 to 4.
PADLOCK_LANES Element fold(Lanes c0, Lanes c1, Lanes c2, Lanes c3, Lanes c4, Lanes c5, Lanes c6, Lanes c7, Lanes c8,
                           Lanes c9) {
  return {c0 + times_19(c5), c1 + times_19(c6), c2 + times_19(c7), c3 + times_19(c8), c4 + times_19(c9)};
}

/// Of carried elements; raw. One column after the other: what is ready is folded while the next one is summed.
PADLOCK_LANES Element multiply(const Element& a, const Element& b) {
  const Lanes nothing{};
  const Lanes low0 = add_low_product(nothing, a.l0, b.l0);
  Lanes high = add_high_product(nothing, a.l0, b.l0);
  Lanes low1 = add_low_product(nothing, a.l0, b.l1);
  low1 = add_low_product(low1, a.l1, b.l0) + high + high;
  high = add_high_product(nothing, a.l0, b.l1);
  high = add_high_product(high, a.l1, b.l0);
  Lanes low2 = add_low_product(nothing, a.l0, b.l2);
  low2 = add_low_product(low2, a.l1, b.l1);
  low2 = add_low_product(low2, a.l2, b.l0) + high + high;
  high = add_high_product(nothing, a.l0, b.l2);
  high = add_high_product(high, a.l1, b.l1);
  high = add_high_product(high, a.l2, b.l0);
  Lanes low3 = add_low_product(nothing, a.l0, b.l3);
  low3 = add_low_product(low3, a.l1, b.l2);
  low3 = add_low_product(low3, a.l2, b.l1);
  low3 = add_low_product(low3, a.l3, b.l0) + high + high;
  high = add_high_product(nothing, a.l0, b.l3);
  high = add_high_product(high, a.l1, b.l2);
  high = add_high_product(high, a.l2, b.l1);
  high = add_high_product(high, a.l3, b.l0);
  Lanes low4 = add_low_product(nothing, a.l0, b.l4);
  low4 = add_low_product(low4, a.l1, b.l3);
  low4 = add_low_product(low4, a.l2, b.l2);
  low4 = add_low_product(low4, a.l3, b.l1);
  low4 = add_low_product(low4, a.l4, b.l0) + high + high;
  high = add_high_product(nothing, a.l0, b.l4);
  high = add_high_product(high, a.l1, b.l3);
  high = add_high_product(high, a.l2, b.l2);
  high = add_high_product(high, a.l3, b.l1);
  high = add_high_product(high, a.l4, b.l0);
  Lanes low5 = add_low_product(nothing, a.l1, b.l4);
  low5 = add_low_product(low5, a.l2, b.l3);
  low5 = add_low_product(low5, a.l3, b.l2);
  low5 = add_low_product(low5, a.l4, b.l1) + high + high;
  high = add_high_product(nothing, a.l1, b.l4);
  high = add_high_product(high, a.l2, b.l3);
  high = add_high_product(high, a.l3, b.l2);
  high = add_high_product(high, a.l4, b.l1);
  Lanes low6 = add_low_product(nothing, a.l2, b.l4);
  low6 = add_low_product(low6, a.l3, b.l3);
  low6 = add_low_product(low6, a.l4, b.l2) + high + high;
  high = add_high_product(nothing, a.l2, b.l4);
  high = add_high_product(high, a.l3, b.l3);
  high = add_high_product(high, a.l4, b.l2);
  Lanes low7 = add_low_product(nothing, a.l3, b.l4);
  low7 = add_low_product(low7, a.l4, b.l3) + high + high;
  high = add_high_product(nothing, a.l3, b.l4);
  high = add_high_product(high, a.l4, b.l3);
  const Lanes low8 = add_low_product(nothing, a.l4, b.l4) + high + high;
  high = add_high_product(nothing, a.l4, b.l4);
  return fold(low0, low1, low2, low3, low4, low5, low6, low7, low8, high + high);
}

/// The same with each a_i a_j, i < j, once and doubled.
PADLOCK_LANES Element square(const Element& a) {
  const Lanes nothing{};
  const Lanes low0 = add_low_product(nothing, a.l0, a.l0);
  Lanes high = add_high_product(nothing, a.l0, a.l0);
  Lanes low1 = add_low_product(nothing, a.l0, a.l1) + high;
  high = add_high_product(nothing, a.l0, a.l1);
  Lanes low2 = add_low_product(high, a.l0, a.l2);
  low2 = low2 + high;
  high = add_high_product(nothing, a.l0, a.l2);
  Lanes diagonal_high = add_high_product(nothing, a.l1, a.l1);
  low2 = add_low_product(low2 + low2, a.l1, a.l1);
  Lanes low3 = add_low_product(nothing, a.l0, a.l3);
  low3 = add_low_product(low3, a.l1, a.l2) + high + high + diagonal_high;
  high = add_high_product(nothing, a.l0, a.l3);
  high = add_high_product(high, a.l1, a.l2);
  Lanes low4 = add_low_product(nothing, a.l0, a.l4);
  low4 = add_low_product(low4, a.l1, a.l3) + high + high;
  low4 = add_low_product(low4 + low4, a.l2, a.l2);
  high = add_high_product(nothing, a.l0, a.l4);
  high = add_high_product(high, a.l1, a.l3);
  diagonal_high = add_high_product(nothing, a.l2, a.l2);
  Lanes low5 = add_low_product(nothing, a.l1, a.l4);
  low5 = add_low_product(low5, a.l2, a.l3) + high + high + diagonal_high;
  high = add_high_product(nothing, a.l1, a.l4);
  high = add_high_product(high, a.l2, a.l3);
  Lanes low6 = add_low_product(nothing, a.l2, a.l4) + high + high;
  low6 = add_low_product(low6 + low6, a.l3, a.l3);
  high = add_high_product(nothing, a.l2, a.l4);
  diagonal_high = add_high_product(nothing, a.l3, a.l3);
  const Lanes low7 = add_low_product(nothing, a.l3, a.l4) + high + high + diagonal_high;
  high = add_high_product(nothing, a.l3, a.l4);
  Lanes low8 = high + high;
  low8 = add_low_product(low8 + low8, a.l4, a.l4);
  high = add_high_product(nothing, a.l4, a.l4);
  low1 = low1 + low1;
  low3 = low3 + low3;
  low5 = low5 + low5;
  return fold(low0, low1, low2, low3, low4, low5, low6, low7 + low7, low8, high + high);
}

/// By a number below 2^17 in each lane; raw.
PADLOCK_LANES Element multiply_small(const Element& a, std::uint64_t factor) {
  const Lanes nothing{};
  const Lanes by = all(factor);
  const Lanes high0 = add_high_product(nothing, a.l0, by);
  const Lanes high1 = add_high_product(nothing, a.l1, by);
  const Lanes high2 = add_high_product(nothing, a.l2, by);
  const Lanes high3 = add_high_product(nothing, a.l3, by);
  const Lanes high4 = add_high_product(nothing, a.l4, by);
  return {add_low_product(times_19(high4 + high4), a.l0, by), add_low_product(high0 + high0, a.l1, by),
          add_low_product(high1 + high1, a.l2, by), add_low_product(high2 + high2, a.l3, by),
          add_low_product(high3 + high3, a.l4, by)};
}

PADLOCK_LANES Element square_times(Element x, int times) {
  for (int i = 0; i < times; ++i) x = carry(square(x));
  return x;
}

PADLOCK_LANES Element product(const Element& a, const Element& b) { return carry(multiply(a, b)); }

/// x^(p - 2), which is 1/x, and 0 of 0. Names give the exponent's bits: ones_10 is 2^10 - 1.
PADLOCK_LANES Element invert(const Element& x) {
  const Element x2 = square_times(x, 1);
  const Element x9 = product(square_times(x2, 2), x);
  const Element x11 = product(x9, x2);
  const Element ones_5 = product(square_times(x11, 1), x9);
  const Element ones_10 = product(square_times(ones_5, 5), ones_5);
  const Element ones_20 = product(square_times(ones_10, 10), ones_10);
  const Element ones_40 = product(square_times(ones_20, 20), ones_20);
  const Element ones_50 = product(square_times(ones_40, 10), ones_10);
  const Element ones_100 = product(square_times(ones_50, 50), ones_50);
  const Element ones_200 = product(square_times(ones_100, 100), ones_100);
  const Element ones_250 = product(square_times(ones_200, 50), ones_50);
  return product(square_times(ones_250, 5), x11);
}

/// The lowest 255 bits of four words (RFC 7748, section 5: the highest bit is not looked at). Carried.
PADLOCK_LANES Element from_words(const Words& words) {
  const Lanes mask = all(limb_mask);
  return {words.w0 & mask, ((words.w0 >> 51) | (words.w1 << 13)) & mask, ((words.w1 >> 38) | (words.w2 << 26)) & mask,
          ((words.w2 >> 25) | (words.w3 << 39)) & mask, (words.w3 >> 12) & mask};
}

/// The one number below p that a carried element stands for.
PADLOCK_LANES Words to_words(const Element& given) {
  const Lanes mask = all(limb_mask);
  const Element x = carry(carry(given));  // below 2^255 + 19 now, each limb at most 2^51 + 18
  Lanes above = (x.l0 + 19) >> 51;        // 1 in the end if x is p or more
  above = (x.l1 + above) >> 51;
  above = (x.l2 + above) >> 51;
  above = (x.l3 + above) >> 51;
  above = (x.l4 + above) >> 51;
  const Lanes l0 = x.l0 + times_19(above);
  const Lanes l1 = x.l1 + (l0 >> 51);
  const Lanes l2 = x.l2 + (l1 >> 51);
  const Lanes l3 = x.l3 + (l2 >> 51);
  const Lanes l4 = x.l4 + (l3 >> 51);
  return {(l0 & mask) | (l1 << 51), ((l1 & mask) >> 13) | (l2 << 38), ((l2 & mask) >> 26) | (l3 << 25),
          ((l3 & mask) >> 39) | ((l4 & mask) << 12)};
}
