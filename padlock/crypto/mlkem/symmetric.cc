#include "padlock/crypto/mlkem/symmetric.h"

#include "padlock/crypto/mlkem/sponge.h"

namespace padlock::crypto::mlkem {

void hash_h(Bytes s, Out32 out) {
  Sponge sponge(SHA3_256);
  sponge.absorb(s);
  sponge.squeeze(out);
}

void hash_j(Bytes32 z, Bytes c, Out32 out) {
  Sponge sponge(SHAKE256);
  sponge.absorb(z);
  sponge.absorb(c);
  sponge.squeeze(out);
}

void hash_g(Bytes32 first, Bytes second, Out32 a, Out32 b) {
  Sponge sponge(SHA3_512);
  sponge.absorb(first);
  sponge.absorb(second);
  sponge.squeeze(a);
  sponge.squeeze(b);
}

}  // namespace padlock::crypto::mlkem
