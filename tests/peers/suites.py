"""Cipher suites and groups by the names that each peer has for them. "The registry" is IANA's."""

import re

OPENSSL_CURVES = {"X25519": "X25519", "P-256": "prime256v1", "P-384": "secp384r1", "P-521": "secp521r1"}
NSS_GROUPS = {"X25519": "x25519", "P-256": "P256", "P-384": "P384", "P-521": "P521"}
GNUTLS_GROUPS = {"X25519": "GROUP-X25519", "P-256": "GROUP-SECP256R1", "P-384": "GROUP-SECP384R1",
                 "P-521": "GROUP-SECP521R1"}
BOTAN_GROUPS = {"X25519": "x25519", "P-256": "secp256r1", "P-384": "secp384r1", "P-521": "secp521r1"}

NSS_CIPHERS = {"TLS_AES_128_GCM_SHA256": ":1301", "TLS_AES_256_GCM_SHA384": ":1302",
               "TLS_CHACHA20_POLY1305_SHA256": ":1303",
               "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256": ":C02B", "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384": ":C02C",
               "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256": ":CCA9",
               "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256": ":C02F", "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384": ":C030",
               "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256": ":CCA8",
               "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA": ":C013", "TLS_DHE_RSA_WITH_AES_128_GCM_SHA256": ":009E",
               "TLS_RSA_WITH_AES_128_GCM_SHA256": ":009C"}
GNUTLS_MACS = {"SHA": "SHA1", "SHA256": "SHA256", "SHA384": "SHA384"}  # of CBC
BOTAN_MACS = {"SHA": "SHA-1", "SHA256": "SHA-256", "SHA384": "SHA-384"}
BOTAN_KEY_EXCHANGES = {"RSA": "RSA", "DHE": "DH", "ECDHE": "ECDH"}


def parts_of(suite):
    """Key exchange, cipher and hash: TLS_DHE_RSA_WITH_AES_128_CBC_SHA is DHE_RSA, AES_128_CBC, SHA; one of TLS 1.3 has no
    key exchange."""
    return re.fullmatch(r"TLS_(?:(\w+)_WITH_)?(\w+)_(\w+)", suite).groups()


def openssl_name(suite):
    """TLS_RSA_WITH_AES_128_CBC_SHA is AES128-SHA there, TLS_DHE_RSA_WITH_AES_256_GCM_SHA384 DHE-RSA-AES256-GCM-SHA384; in
    TLS 1.3 it has the registry's."""
    exchange, cipher, mac = parts_of(suite)
    if exchange is None:
        return suite
    name = "" if exchange == "RSA" else exchange.replace("_", "-") + "-"
    if cipher == "CHACHA20_POLY1305":
        return name + "CHACHA20-POLY1305"
    return name + cipher.replace("AES_", "AES").replace("_CBC", "").replace("_", "-") + "-" + mac


def gnutls_cipher(suite):
    return parts_of(suite)[1].replace("_", "-")


def gnutls_priority(suite):
    """This suite alone."""
    exchange, cipher, mac = parts_of(suite)
    if exchange is None:
        return f":-CIPHER-ALL:+{gnutls_cipher(suite)}"
    mac = GNUTLS_MACS[mac] if cipher.endswith("CBC") else "AEAD"
    return f":-KX-ALL:+{exchange.replace('_', '-')}:-CIPHER-ALL:+{gnutls_cipher(suite)}:-MAC-ALL:+{mac}"


def botan_words(suite):
    """Key exchange, cipher and MAC for its policy."""
    exchange, cipher, mac = parts_of(suite)
    mode = {"GCM": "/GCM", "CBC": ""}
    name = "ChaCha20Poly1305" if cipher == "CHACHA20_POLY1305" else \
        re.sub(r"AES_(\d+)_(\w+)", lambda found: f"AES-{found[1]}{mode[found[2]]}", cipher)
    return BOTAN_KEY_EXCHANGES[exchange.split("_")[0]], name, BOTAN_MACS[mac] if cipher.endswith("CBC") else "AEAD"
