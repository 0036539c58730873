#!/usr/bin/env bash
# Makes the private keys that private_key_test.cc reads, with the openssl program and in every form in which users bring
# keys. They guard nothing. genpkey writes the older forms in DER: SEC 1 and PKCS #1.
set -euo pipefail
cd "$(dirname "$0")"

key() { local file=$1; shift; openssl genpkey -quiet -outform DER -out "$file.der" -algorithm "$@"; }
pkcs8() { openssl pkcs8 -topk8 -nocrypt -inform DER -in "$1.der" -outform DER -out "$2.der"; }

key p256_sec1 EC -pkeyopt ec_paramgen_curve:P-256
pkcs8 p256_sec1 p256_pkcs8
openssl ec -inform DER -in p256_sec1.der -no_public -outform DER -out p256_sec1_without_public.der 2>/dev/null
key p521_sec1 EC -pkeyopt ec_paramgen_curve:P-521
key ed25519_pkcs8 ED25519
key rsa_pkcs1 RSA -pkeyopt rsa_keygen_bits:2048
pkcs8 rsa_pkcs1 rsa_pkcs8
key rsa_pss RSA-PSS -pkeyopt rsa_keygen_bits:2048
key rsa_pss_sha384 RSA-PSS -pkeyopt rsa_keygen_bits:2048 -pkeyopt rsa_pss_keygen_md:sha384 \
  -pkeyopt rsa_pss_keygen_mgf1_md:sha384 -pkeyopt rsa_pss_keygen_saltlen:48

key bad_p256_explicit EC -pkeyopt ec_paramgen_curve:P-256 -pkeyopt ec_param_enc:explicit
key bad_secp256k1 EC -pkeyopt ec_paramgen_curve:secp256k1
key bad_x25519 X25519
key bad_rsa_1024 RSA -pkeyopt rsa_keygen_bits:1024
openssl pkcs8 -topk8 -inform DER -in p256_sec1.der -outform DER -passout pass:secret -out bad_encrypted.der
chmod 0644 ./*.der
