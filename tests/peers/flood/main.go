// Attacks on an HTTPS server as fast as one core can, and honest clients beside them: what tools/floods.py runs.
//
//	flood list                                       the attacks, one a line: ROW NAME UNIT
//	flood attack NAME ADDRESS SECONDS CONNECTIONS    prints an object of JSON: what was done, and how often the server ended it
//	flood canary ADDRESS SECONDS                     honest clients over HTTP/1.1 and HTTP/2
//	flood steady ADDRESS SECONDS RATE                requests at that rate, on connections that are kept
//	flood idle ADDRESS CONNECTIONS                   holds so many until its input ends
package main

import (
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

const name = "localhost"

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "flood:", err)
		os.Exit(1)
	}
}

func number(text string) int {
	value, err := strconv.Atoi(text)
	check(err)
	return value
}

func tell(what any) {
	text, err := json.Marshal(what)
	check(err)
	fmt.Println(string(text))
}

// What an attack has to do its work with.
type flood struct {
	address     string
	end         time.Time
	connections int
	units       atomic.Int64 // done of what the attack counts
	opened      atomic.Int64
	ended       atomic.Int64 // by the server
}

func (f *flood) over() bool { return !time.Now().Before(f.end) }

// A connection from one of many addresses: the server's limit on one client is not what is tried here.
func (f *flood) connect() (net.Conn, error) {
	from := net.IPv4(127, byte(1+rand.IntN(250)), byte(rand.IntN(250)), byte(1+rand.IntN(250)))
	dialer := net.Dialer{Timeout: 3 * time.Second, LocalAddr: &net.TCPAddr{IP: from}}
	conn, err := dialer.Dial("tcp", f.address)
	if err != nil {
		return nil, err
	}
	f.opened.Add(1)
	conn.SetDeadline(f.end)
	return conn, nil
}

// Cheap for this end: no chain is judged, and one key share is made.
func config(alpn string) *tls.Config {
	return &tls.Config{InsecureSkipVerify: true, ServerName: name, NextProtos: []string{alpn},
		CurvePreferences: []tls.CurveID{tls.X25519}, SessionTicketsDisabled: true}
}

func (f *flood) tls(alpn string) (*tls.Conn, error) {
	conn, err := f.connect()
	if err != nil {
		return nil, err
	}
	client := tls.Client(conn, config(alpn))
	if err := client.Handshake(); err != nil {
		conn.Close()
		return nil, err
	}
	return client, nil
}

// Takes what the server says, so that it is not that which stops it.
func (f *flood) drain(conn net.Conn) {
	_, err := io.Copy(io.Discard, conn)
	if err == nil || !f.over() {
		f.ended.Add(1)
	}
	conn.Close()
}

// Writes it again and again, until the server has enough; `units` of what is counted are in it.
func (f *flood) repeat(conn net.Conn, what []byte, units int) {
	for !f.over() {
		if _, err := conn.Write(what); err != nil {
			return
		}
		f.units.Add(int64(units))
	}
}

type attack struct {
	row, name, unit string
	once            func(f *flood) // one connection, from its beginning to its end
}

func find(wanted string) attack {
	for _, one := range attacks {
		if one.name == wanted {
			return one
		}
	}
	check(fmt.Errorf("there is no attack %s", wanted))
	return attack{}
}

func run(wanted, address string, seconds, connections int) {
	chosen := find(wanted)
	begin := time.Now()
	f := &flood{address: address, end: begin.Add(time.Duration(seconds) * time.Second), connections: connections}
	var group sync.WaitGroup
	for range connections {
		group.Go(func() {
			for !f.over() {
				chosen.once(f)
			}
		})
	}
	group.Wait()
	tell(map[string]any{"units": f.units.Load(), "opened": f.opened.Load(), "ended": f.ended.Load(),
		"seconds": time.Since(begin).Seconds()})
}

func main() {
	switch {
	case len(os.Args) == 2 && os.Args[1] == "list":
		for _, one := range attacks {
			fmt.Println(one.row, one.name, one.unit)
		}
	case len(os.Args) == 6 && os.Args[1] == "attack":
		run(os.Args[2], os.Args[3], number(os.Args[4]), number(os.Args[5]))
	case len(os.Args) == 4 && os.Args[1] == "canary":
		canary(os.Args[2], number(os.Args[3]))
	case len(os.Args) == 5 && os.Args[1] == "steady":
		steady(os.Args[2], number(os.Args[3]), number(os.Args[4]))
	case len(os.Args) == 4 && os.Args[1] == "idle":
		idle(os.Args[2], number(os.Args[3]))
	default:
		check(fmt.Errorf("wrong arguments"))
	}
}
