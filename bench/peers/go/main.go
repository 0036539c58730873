// Go's crypto/x509 as a peer of bench_x509 and x509_differential, which start it and ask by lines on stdin; each is answered by one:
//
//	case verify KEY=VALUE...   root=, intermediate=, leaf= (DER in hexadecimal), name=, time= (seconds since 1970); "ready"
//	round NS                   judges the chain until that has taken NS of CPU time, once at least; "ns N", for one time
//
//	judge KEY=VALUE...         the same keys; "accepted", or "refused WORDS": what cannot be read is refused, too
//
// Anything else that fails ends it with the line "error WORDS".
package main

import (
	"bufio"
	"crypto/x509"
	"encoding/hex"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"
)

const batch = 16

type chain struct {
	roots              *x509.CertPool
	intermediate, leaf []byte
	name               string
	now                time.Time
}

func cpuNanoseconds() float64 {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		fail(err)
	}
	return float64(usage.Utime.Nano() + usage.Stime.Nano())
}

func fail(err error) {
	fmt.Println("error", err)
	os.Exit(0)
}

func fields(words []string) map[string]string {
	all := map[string]string{}
	for _, word := range words {
		key, value, _ := strings.Cut(word, "=")
		all[key] = value
	}
	return all
}

func der(all map[string]string, key string) []byte {
	bytes, err := hex.DecodeString(all[key])
	if err != nil || len(bytes) == 0 {
		fail(fmt.Errorf("the case has no good %s", key))
	}
	return bytes
}

func parse(bytes []byte) *x509.Certificate {
	certificate, err := x509.ParseCertificate(bytes)
	if err != nil {
		fail(err)
	}
	return certificate
}

func makeCase(words []string) *chain {
	all := fields(words)
	seconds, err := strconv.ParseInt(all["time"], 10, 64)
	if err != nil {
		fail(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(parse(der(all, "root")))
	return &chain{roots, der(all, "intermediate"), der(all, "leaf"), all["name"], time.Unix(seconds, 0)}
}

// From the bytes to the verdict, as a handshake does.
func (c *chain) verify() {
	leaf := parse(c.leaf)
	intermediates := x509.NewCertPool()
	intermediates.AddCert(parse(c.intermediate))
	_, err := leaf.Verify(x509.VerifyOptions{DNSName: c.name, Roots: c.roots, Intermediates: intermediates, CurrentTime: c.now})
	if err != nil {
		fail(err)
	}
}

// judge says what Go thinks of a chain that may be anything.
func judge(words []string) string {
	all := fields(words)
	certificates := map[string]*x509.Certificate{}
	for _, key := range []string{"root", "intermediate", "leaf"} {
		certificate, err := x509.ParseCertificate(der(all, key))
		if err != nil && key != "intermediate" {
			return "refused " + strings.ReplaceAll(err.Error(), "\n", " ")
		}
		certificates[key] = certificate
	}
	seconds, err := strconv.ParseInt(all["time"], 10, 64)
	if err != nil {
		fail(err)
	}
	roots, intermediates := x509.NewCertPool(), x509.NewCertPool()
	roots.AddCert(certificates["root"])
	if certificates["intermediate"] != nil {
		intermediates.AddCert(certificates["intermediate"])
	}
	options := x509.VerifyOptions{DNSName: all["name"], Roots: roots, Intermediates: intermediates, CurrentTime: time.Unix(seconds, 0)}
	if _, err := certificates["leaf"].Verify(options); err != nil {
		return "refused " + strings.ReplaceAll(err.Error(), "\n", " ")
	}
	return "accepted"
}

func (c *chain) round(budget float64) float64 {
	begun, operations := cpuNanoseconds(), 0
	for {
		for range batch {
			c.verify()
		}
		operations += batch
		if spent := cpuNanoseconds() - begun; spent >= budget && spent > 0 {
			return spent / float64(operations)
		}
	}
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<20)
	var current *chain
	for lines.Scan() {
		words := strings.Split(lines.Text(), " ")
		switch {
		case len(words) > 1 && words[0] == "case" && words[1] == "verify":
			current = makeCase(words[2:])
			fmt.Println("ready")
		case len(words) > 1 && words[0] == "judge":
			fmt.Println(judge(words[1:]))
		case len(words) == 2 && words[0] == "round" && current != nil:
			budget, err := strconv.ParseFloat(words[1], 64)
			if err != nil {
				fail(err)
			}
			fmt.Printf("ns %.3f\n", current.round(budget))
		default:
			fail(fmt.Errorf("neither a case nor a round"))
		}
	}
}
