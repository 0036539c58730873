package main

import (
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"slices"
	"sync"
	"time"
)

// Who only wants to be served, and how long that takes.

type results struct {
	lock     sync.Mutex
	times    []time.Duration
	failures []string
}

func (r *results) note(took time.Duration, err error) {
	r.lock.Lock()
	defer r.lock.Unlock()
	if err != nil {
		r.failures = append(r.failures, err.Error())
		return
	}
	r.times = append(r.times, took)
}

func (r *results) tell() {
	slices.Sort(r.times)
	at := func(percent int) float64 {
		if len(r.times) == 0 {
			return 0
		}
		return float64(r.times[(len(r.times)-1)*percent/100].Microseconds()) / 1000
	}
	first := ""
	if len(r.failures) > 0 {
		first = r.failures[0]
	}
	tell(map[string]any{"requests": len(r.times), "failures": len(r.failures), "first_failure": first,
		"p50": at(50), "p99": at(99)})
}

func client(http2 bool) *http.Client {
	protocols := new(http.Protocols)
	protocols.SetHTTP1(!http2)
	protocols.SetHTTP2(http2)
	return &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{Protocols: protocols,
		TLSClientConfig: &tls.Config{InsecureSkipVerify: true, ServerName: name}}}
}

func ask(client *http.Client, address string) error {
	request, err := http.NewRequest("GET", "https://"+address+"/", nil)
	check(err)
	request.Host = name
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err == nil && (response.StatusCode != 200 || string(body) != "hello\n") {
		err = fmt.Errorf("status %d, %d bytes", response.StatusCode, len(body))
	}
	return err
}

// Two clients of each version, of which every tenth request comes on a new connection.
func canary(address string, seconds int) {
	end := time.Now().Add(time.Duration(seconds) * time.Second)
	var all results
	var group sync.WaitGroup
	for at := range 4 {
		group.Go(func() {
			one := client(at%2 == 1)
			for count := 1; time.Now().Before(end); count++ {
				begin := time.Now()
				err := ask(one, address)
				all.note(time.Since(begin), err)
				if count%10 == 0 {
					one.CloseIdleConnections()
				}
				time.Sleep(5 * time.Millisecond)
			}
		})
	}
	group.Wait()
	all.tell()
}

// So many requests a second on eight connections that are kept: those that come late are late by what the server made
// them wait.
func steady(address string, seconds, rate int) {
	const connections = 8
	begin := time.Now()
	apart := time.Second * connections / time.Duration(rate)
	var all results
	var group sync.WaitGroup
	for at := range connections {
		group.Go(func() {
			one := client(false)
			check(ask(one, address))
			due := begin.Add(time.Second + apart*time.Duration(at)/connections)
			for end := begin.Add(time.Duration(seconds+1) * time.Second); due.Before(end); due = due.Add(apart) {
				time.Sleep(time.Until(due))
				if time.Now().After(end) {
					return // what is overdue by now was not served
				}
				err := ask(one, address)
				all.note(time.Since(due), err)
			}
		})
	}
	group.Wait()
	all.tell()
}

// Connections that have shaken hands and asked once.
func idle(address string, connections int) {
	f := &flood{address: address, end: time.Now().Add(time.Hour), connections: connections}
	conns := make([]net.Conn, connections)
	var group sync.WaitGroup
	for part := range 8 {
		group.Go(func() {
			for at := part; at < connections; at += 8 {
				conn, err := f.tls("http/1.1")
				check(err)
				_, err = io.WriteString(conn, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
				check(err)
				room := make([]byte, 4096)
				_, err = conn.Read(room)
				check(err)
				conns[at] = conn
			}
		})
	}
	group.Wait()
	fmt.Println("held")
	io.Copy(io.Discard, os.Stdin)
	lost := 0
	for _, conn := range conns {
		conn.SetReadDeadline(time.Now().Add(time.Millisecond))
		for room := make([]byte, 4096); ; {
			if _, err := conn.Read(room); err == nil {
				continue // the rest of the response
			} else if timeout, is := err.(net.Error); !is || !timeout.Timeout() {
				lost++
			}
			break
		}
	}
	tell(map[string]any{"lost": lost})
}
