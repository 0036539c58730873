package main

import (
	"bufio"
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/tls"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash"
	"strings"
)

// The record layer of TLS 1.3 for one direction (RFC 8446, section 5.2), from the secret that a key log tells.

const recordAlert, recordHandshake, recordData = 21, 22, 23

type keyLog struct{ bytes.Buffer }

type sealer struct {
	hash     func() hash.Hash
	keyBytes int
	secret   []byte
	aead     cipher.AEAD
	iv       []byte
	sequence uint64
}

func (log *keyLog) sealer(suite uint16) (*sealer, error) {
	made := &sealer{hash: sha256.New, keyBytes: 16}
	switch suite {
	case tls.TLS_AES_128_GCM_SHA256:
	case tls.TLS_AES_256_GCM_SHA384:
		made.hash, made.keyBytes = sha512.New384, 32
	default:
		return nil, fmt.Errorf("no records are made by %s here", tls.CipherSuiteName(suite))
	}
	for lines := bufio.NewScanner(log); lines.Scan(); {
		if words := strings.Fields(lines.Text()); len(words) == 3 && words[0] == "CLIENT_TRAFFIC_SECRET_0" {
			secret, err := hex.DecodeString(words[2])
			made.secret = secret
			made.rekey()
			return made, err
		}
	}
	return nil, fmt.Errorf("the key log has no secret")
}

// RFC 8446, section 7.1.
func (s *sealer) expand(label string, length int) []byte {
	label = "tls13 " + label
	info := binary.BigEndian.AppendUint16(nil, uint16(length))
	info = append(append(info, byte(len(label))), label...)
	out, err := hkdf.Expand(s.hash, s.secret, string(append(info, 0)), length)
	check(err)
	return out
}

func (s *sealer) rekey() {
	block, err := aes.NewCipher(s.expand("key", s.keyBytes))
	check(err)
	s.aead, err = cipher.NewGCM(block)
	check(err)
	s.iv, s.sequence = s.expand("iv", 12), 0
}

// The keys that follow a KeyUpdate.
func (s *sealer) next() {
	s.secret = s.expand("traffic upd", len(s.secret))
	s.rekey()
}

func (s *sealer) seal(out []byte, kind byte, content []byte) []byte {
	inner := append(append([]byte(nil), content...), kind)
	length := len(inner) + s.aead.Overhead()
	header := []byte{recordData, 3, 3, byte(length >> 8), byte(length)}
	nonce := append([]byte(nil), s.iv...)
	var sequence [8]byte
	binary.BigEndian.PutUint64(sequence[:], s.sequence)
	for at, one := range sequence {
		nonce[4+at] ^= one
	}
	s.sequence++
	return s.aead.Seal(append(out, header...), nonce, inner, header)
}
