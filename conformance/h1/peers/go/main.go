// Go's net/http as a reader of HTTP/1.1 requests: each line on stdin is what a client sends on one connection, in
// hexadecimal; each is answered by a line of JSON (conformance/h1/main.cc says which). The server is the real one, over
// connections in memory.
package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"regexp"
	"strings"
	"sync"
	"time"
)

type request struct {
	Method string `json:"method"`
	Target string `json:"target"`
	Body   string `json:"body"`
}

type answer struct {
	Requests []request `json:"requests"`
	End      string    `json:"end"`
	Why      string    `json:"why"`
}

// A connection whose client has sent everything and waits for nothing.
type wire struct {
	lock   sync.Mutex
	input  io.Reader
	output bytes.Buffer
	closed chan struct{}
	once   sync.Once
	begun  int // requests of which a byte was read
	served []request
	why    string
}

func (w *wire) Read(into []byte) (int, error) { return w.input.Read(into) }
func (w *wire) Write(from []byte) (int, error) {
	w.lock.Lock()
	defer w.lock.Unlock()
	return w.output.Write(from)
}
func (w *wire) Close() error                     { w.once.Do(func() { close(w.closed) }); return nil }
func (w *wire) LocalAddr() net.Addr              { return &net.TCPAddr{} }
func (w *wire) RemoteAddr() net.Addr             { return &net.TCPAddr{} }
func (w *wire) SetDeadline(time.Time) error      { return nil }
func (w *wire) SetReadDeadline(time.Time) error  { return nil }
func (w *wire) SetWriteDeadline(time.Time) error { return nil }

type listener chan *wire

func (l listener) Accept() (net.Conn, error) { return <-l, nil }
func (l listener) Close() error              { return nil }
func (l listener) Addr() net.Addr            { return &net.TCPAddr{} }

type connectionKey struct{}

const served = "Served: yes"

func serve(response http.ResponseWriter, got *http.Request) {
	at := got.Context().Value(connectionKey{}).(*wire)
	body, err := io.ReadAll(got.Body)
	if err != nil {
		at.why = err.Error()
	} else {
		spell := func(text string) string { return hex.EncodeToString([]byte(text)) }
		at.served = append(at.served, request{spell(got.Method), spell(got.RequestURI), hex.EncodeToString(body)})
	}
	response.Header().Set("Served", "yes")
	response.WriteHeader(http.StatusNotFound)
}

// What the reader of requests says where the server says "400 Bad Request" alone, without the input's bytes.
func readerWords(input []byte) string {
	reader := bufio.NewReader(bytes.NewReader(input))
	for {
		got, err := http.ReadRequest(reader)
		if err == nil {
			_, err = io.Copy(io.Discard, got.Body)
		}
		if err != nil {
			words, _, _ := strings.Cut(err.Error(), "\"")
			return strings.TrimRight(words, ": ")
		}
	}
}

var refusal = regexp.MustCompile(`(?s)HTTP/1\.[01] [45].*\r\n\r\n(.*)`)

// What the server itself said after the last response of the handler.
func ownWords(output []byte) string {
	if at := bytes.LastIndex(output, []byte(served)); at >= 0 {
		output = output[at:]
		output = output[bytes.Index(output, []byte("\r\n\r\n"))+4:]
	}
	if said := refusal.FindSubmatch(output); said != nil {
		return string(said[1])
	}
	return ""
}

func judge(input []byte, connections listener) answer {
	at := &wire{input: bytes.NewReader(input), closed: make(chan struct{}), served: []request{}}
	connections <- at
	<-at.closed
	at.lock.Lock()
	defer at.lock.Unlock()
	if at.why != "" {
		if at.why == io.ErrUnexpectedEOF.Error() {
			return answer{at.served, "incomplete", at.why}
		}
		return answer{at.served, "refused", at.why}
	}
	if why := ownWords(at.output.Bytes()); why != "" {
		if why == "400 Bad Request" {
			why = readerWords(input)
		}
		return answer{at.served, "refused", why}
	}
	if at.begun > len(at.served) {
		return answer{at.served, "incomplete", "a head without its end"}
	}
	return answer{at.served, "whole", ""}
}

func main() {
	connections := make(listener)
	server := http.Server{
		Handler:                      http.HandlerFunc(serve),
		DisableGeneralOptionsHandler: true, // "OPTIONS *" is for ours, too
		ErrorLog:                     log.New(io.Discard, "", 0),
		ConnContext: func(base context.Context, at net.Conn) context.Context {
			return context.WithValue(base, connectionKey{}, at)
		},
		ConnState: func(at net.Conn, state http.ConnState) {
			if state == http.StateActive {
				at.(*wire).begun++
			}
		},
	}
	go server.Serve(connections)
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		input, err := hex.DecodeString(lines.Text())
		if err != nil {
			fmt.Println("error", err)
			return
		}
		said, _ := json.Marshal(judge(input, connections))
		fmt.Printf("%s\n", said)
	}
}
