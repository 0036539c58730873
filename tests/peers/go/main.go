// Go's crypto/tls as the peer on either side:
//
//	peer serve CHAIN KEY FOLDER GROUPS VERSION CLIENTS
//	                                                 a server on a free port of 127.0.0.1; prints "port N"
//	peer get ROOTS PORT PATHS GROUPS SUITES VERSION  fetches from localhost; prints the bodies, and on stderr what was
//	                                                 negotiated: "group=G suite=S retried=true|false alpn=A
//	                                                 resumed=true|false"
//
// PATHS are fetched one after the other, each over a connection of its own. /again leads to /body.txt.
// GROUPS and SUITES are lists between commas; "-" leaves Go its own choice. Go brings groups into its own order, and has
// no setting for the suites of TLS 1.3, so SUITES is "-" there. VERSION is 1.2 or 1.3. CLIENTS vouches for the
// certificates that clients must show; "-": none.
package main

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
)

var groups = map[string]tls.CurveID{
	"SecP384r1MLKEM1024": tls.SecP384r1MLKEM1024, "X25519MLKEM768": tls.X25519MLKEM768, "X25519": tls.X25519,
	"P-256": tls.CurveP256, "P-384": tls.CurveP384, "P-521": tls.CurveP521,
}

var versions = map[string]uint16{"1.2": tls.VersionTLS12, "1.3": tls.VersionTLS13}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func curves(list string) (chosen []tls.CurveID) {
	if list == "-" {
		return nil
	}
	for _, name := range strings.Split(list, ",") {
		group, known := groups[name]
		if !known {
			check(fmt.Errorf("no group %s", name))
		}
		chosen = append(chosen, group)
	}
	return chosen
}

func suites(list string) (chosen []uint16) {
	for _, suite := range tls.CipherSuites() {
		for _, name := range strings.Split(list, ",") {
			if suite.Name == name {
				chosen = append(chosen, suite.ID)
			}
		}
	}
	return chosen
}

func describe(state *tls.ConnectionState) string {
	group := state.CurveID.String()
	for name, id := range groups {
		if id == state.CurveID {
			group = name
		}
	}
	return fmt.Sprintf("group=%s suite=%s retried=%v alpn=%s resumed=%v\n", group, tls.CipherSuiteName(state.CipherSuite),
		state.HelloRetryRequest, state.NegotiatedProtocol, state.DidResume)
}

// A file of the folder, a thousand chunks, or what the server knows of the connection.
func handler(folder string) http.HandlerFunc {
	files := http.FileServer(http.Dir(folder))
	return func(out http.ResponseWriter, request *http.Request) {
		switch request.URL.Path {
		case "/negotiated":
			fmt.Fprint(out, describe(request.TLS))
		case "/chunked":
			for n := 0; n < 1000; n++ {
				fmt.Fprintf(out, "line %d\n", n)
				out.(http.Flusher).Flush()
			}
		case "/again":
			http.Redirect(out, request, "/body.txt", http.StatusFound)
		default:
			files.ServeHTTP(out, request)
		}
	}
}

func pool(file string) *x509.CertPool {
	text, err := os.ReadFile(file)
	check(err)
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(text)
	return roots
}

func serve(chain, key, folder, names, version, clients string) {
	certificate, err := tls.LoadX509KeyPair(chain, key)
	check(err)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	check(err)
	fmt.Printf("port %d\n", listener.Addr().(*net.TCPAddr).Port)
	config := &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: versions[version],
		MaxVersion: versions[version], CurvePreferences: curves(names)}
	if clients != "-" {
		config.ClientAuth, config.ClientCAs = tls.RequireAndVerifyClientCert, pool(clients)
	}
	server := &http.Server{Handler: handler(folder), TLSConfig: config}
	check(server.ServeTLS(listener, "", ""))
}

func get(root, port, paths, names, list, version string) {
	config := &tls.Config{RootCAs: pool(root), MinVersion: versions[version], MaxVersion: versions[version],
		CurvePreferences: curves(names), CipherSuites: suites(list), ClientSessionCache: tls.NewLRUClientSessionCache(4)}
	transport := &http.Transport{TLSClientConfig: config, ForceAttemptHTTP2: true, DisableKeepAlives: true}
	for _, path := range strings.Split(paths, ",") {
		response, err := (&http.Client{Transport: transport}).Get("https://localhost:" + port + path)
		check(err)
		fmt.Fprint(os.Stderr, describe(response.TLS))
		_, err = io.Copy(os.Stdout, response.Body)
		check(err)
		check(response.Body.Close())
	}
}

func main() {
	if os.Args[1] == "serve" {
		serve(os.Args[2], os.Args[3], os.Args[4], os.Args[5], os.Args[6], os.Args[7])
	} else {
		get(os.Args[2], os.Args[3], os.Args[4], os.Args[5], os.Args[6], os.Args[7])
	}
}
