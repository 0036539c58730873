// Go's crypto/tls as the peer on either side, with the words of peers/programs.py. `serve` prints "port N"; `get` prints the
// bodies, and on stderr what was negotiated: "group=G suite=S retried=true|false alpn=A resumed=true|false".
//
// Go brings groups into its own order, has no setting for the suites of TLS 1.3, and no early data.
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

// The values of a list; none where there is no list.
func split(list string) []string {
	return strings.FieldsFunc(list, func(one rune) bool { return one == ',' })
}

func curves(list string) (chosen []tls.CurveID) {
	for _, name := range split(list) {
		group, known := groups[name]
		if !known {
			check(fmt.Errorf("no group %s", name))
		}
		chosen = append(chosen, group)
	}
	return chosen
}

func suites(list string) (chosen []uint16) {
	for _, suite := range append(tls.CipherSuites(), tls.InsecureCipherSuites()...) {
		for _, name := range split(list) {
			if suite.Name == name {
				chosen = append(chosen, suite.ID)
			}
		}
	}
	return chosen
}

func describe(state *tls.ConnectionState) string {
	group := state.CurveID.String()
	if state.CurveID == 0 {
		group = "none"
	}
	for name, id := range groups {
		if id == state.CurveID {
			group = name
		}
	}
	return fmt.Sprintf("group=%s suite=%s retried=%v alpn=%s resumed=%v\n", group, tls.CipherSuiteName(state.CipherSuite),
		state.HelloRetryRequest, state.NegotiatedProtocol, state.DidResume)
}

// A file of the folder, a thousand chunks, what is posted, or what the server knows of the connection.
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
		case "/echo":
			out.Header().Set("Trailer", "X-Bytes")
			count, err := io.Copy(out, request.Body)
			if err != nil {
				panic(http.ErrAbortHandler)
			}
			out.Header().Set("X-Bytes", fmt.Sprint(count))
		case "/hints":
			out.Header().Set("Link", "</style.css>")
			out.WriteHeader(http.StatusEarlyHints)
			fmt.Fprint(out, "hinted")
		case "/abort":
			fmt.Fprint(out, "a part")
			out.(http.Flusher).Flush()
			panic(http.ErrAbortHandler)
		case "/refuse":
			http.Error(out, "too large", http.StatusRequestEntityTooLarge)
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

func configOf(words map[string]string) *tls.Config {
	version := versions[words["version"]]
	config := &tls.Config{MinVersion: version, MaxVersion: version, CurvePreferences: curves(words["groups"]),
		CipherSuites: suites(words["suites"])}
	if words["chain"] != "" {
		certificate, err := tls.LoadX509KeyPair(words["chain"], words["key"])
		check(err)
		config.Certificates = []tls.Certificate{certificate}
	}
	return config
}

func serve(words map[string]string) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	check(err)
	fmt.Printf("port %d\n", listener.Addr().(*net.TCPAddr).Port)
	config := configOf(words)
	if words["version"] == "1.2" { // all, static RSA too
		for _, suite := range append(tls.CipherSuites(), tls.InsecureCipherSuites()...) {
			config.CipherSuites = append(config.CipherSuites, suite.ID)
		}
	}
	if words["clients"] != "" {
		config.ClientAuth, config.ClientCAs = tls.RequireAndVerifyClientCert, pool(words["clients"])
	}
	server := &http.Server{Handler: handler(words["folder"]), TLSConfig: config}
	check(server.ServeTLS(listener, "", ""))
}

func get(words map[string]string) {
	config := configOf(words)
	config.RootCAs, config.ClientSessionCache = pool(words["roots"]), tls.NewLRUClientSessionCache(4)
	transport := &http.Transport{TLSClientConfig: config, ForceAttemptHTTP2: true, DisableKeepAlives: true}
	for _, path := range split(words["paths"]) {
		response, err := (&http.Client{Transport: transport}).Get("https://localhost:" + words["port"] + path)
		check(err)
		fmt.Fprint(os.Stderr, describe(response.TLS))
		_, err = io.Copy(os.Stdout, response.Body)
		check(err)
		check(response.Body.Close())
	}
}

func main() {
	words := map[string]string{}
	for _, word := range os.Args[2:] {
		name, value, _ := strings.Cut(word, "=")
		words[name] = value
	}
	if os.Args[1] == "serve" {
		serve(words)
	} else {
		get(words)
	}
}
