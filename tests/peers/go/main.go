// Go's crypto/tls as the peer on either side:
//
//	peer serve CHAIN KEY [GROUP]   a server on a free port of 127.0.0.1; prints "port N"
//	peer get ROOT URL [GROUP...]   fetches over one connection; prints what was negotiated, then the body
package main

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
)

var groups = map[string]tls.CurveID{"X25519": tls.X25519, "P-256": tls.CurveP256, "P-384": tls.CurveP384}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func curves(names []string) (list []tls.CurveID) {
	for _, name := range names {
		list = append(list, groups[name])
	}
	return list
}

func describe(state *tls.ConnectionState) string {
	return fmt.Sprintf("%s %s %s retried=%v alpn=%q\n", tls.VersionName(state.Version),
		tls.CipherSuiteName(state.CipherSuite), state.CurveID, state.HelloRetryRequest, state.NegotiatedProtocol)
}

func answer(out http.ResponseWriter, request *http.Request) {
	if request.URL.Path == "/chunked" {
		for n := 0; n < 1000; n++ {
			fmt.Fprintf(out, "line %d\n", n)
			out.(http.Flusher).Flush()
		}
		return
	}
	fmt.Fprint(out, describe(request.TLS))
}

func serve(chain, key string, names []string) {
	certificate, err := tls.LoadX509KeyPair(chain, key)
	check(err)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	check(err)
	fmt.Printf("port %d\n", listener.Addr().(*net.TCPAddr).Port)
	config := &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS13, CurvePreferences: curves(names)}
	server := &http.Server{Handler: http.HandlerFunc(answer), TLSConfig: config}
	check(server.ServeTLS(listener, "", ""))
}

func get(root, url string, names []string) {
	text, err := os.ReadFile(root)
	check(err)
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(text)
	config := &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS13, CurvePreferences: curves(names)}
	transport := &http.Transport{TLSClientConfig: config, ForceAttemptHTTP2: true}
	response, err := (&http.Client{Transport: transport}).Get(url)
	check(err)
	fmt.Print(describe(response.TLS))
	_, err = io.Copy(os.Stdout, response.Body)
	check(err)
}

func main() {
	if os.Args[1] == "serve" {
		serve(os.Args[2], os.Args[3], os.Args[4:])
	} else {
		get(os.Args[2], os.Args[3], os.Args[4:])
	}
}
