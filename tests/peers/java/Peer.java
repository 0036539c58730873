// Java's JSSE as the peer on either side:
//
//   java Peer serve BUNDLE FOLDER VERSION CLIENTS    a server on a free port of 127.0.0.1; prints "port N"
//   java Peer get ROOTS PORT PATH SUITES VERSION     fetches from localhost; prints the body, and on stderr what was
//                                                    negotiated: "suite=S"
//
// /again leads to /body.txt. BUNDLE is a PKCS #12 file with the password "secret". SUITES is a list between commas, "-" leaves Java its own choice.
// VERSION is 1.2 or 1.3. CLIENTS vouches for the certificates that clients must show; "-": none. JSSE takes its groups from the property jdk.tls.namedGroups, and does not tell which of them
// was chosen.
import java.io.ByteArrayOutputStream;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;

public final class Peer {
  private static final char[] PASSWORD = "secret".toCharArray();

  public static void main(String[] arguments) throws Exception {
    if (arguments[0].equals("serve")) {
      serve(arguments[1], Path.of(arguments[2]), only(arguments[3]), arguments[4]);
    } else {
      get(arguments[1], Integer.parseInt(arguments[2]), arguments[3], arguments[4], only(arguments[5]));
    }
  }

  private static String[] only(String version) {
    return new String[] {"TLSv" + version};
  }

  private static void serve(String bundle, Path folder, String[] protocols, String clients) throws Exception {
    KeyStore store = KeyStore.getInstance("PKCS12");
    try (InputStream in = new FileInputStream(bundle)) {
      store.load(in, PASSWORD);
    }
    KeyManagerFactory keys = KeyManagerFactory.getInstance("PKIX");
    keys.init(store, PASSWORD);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keys.getKeyManagers(), clients.equals("-") ? null : trust(clients), null);
    var listener = (SSLServerSocket) context.getServerSocketFactory()
        .createServerSocket(0, 50, InetAddress.getByName("127.0.0.1"));
    listener.setEnabledProtocols(protocols);
    listener.setNeedClientAuth(!clients.equals("-"));
    System.out.println("port " + listener.getLocalPort());
    while (true) {
      var socket = (SSLSocket) listener.accept();
      new Thread(() -> answer(socket, folder)).start();
    }
  }

  /** Reads a request's head and answers with the file that it names. */
  private static void answer(SSLSocket socket, Path folder) {
    try (socket) {
      String head = readHead(socket.getInputStream());
      String target = head.split(" ")[1].split("\\?")[0];
      boolean again = target.equals("/again");
      byte[] body = again ? new byte[0] : Files.readAllBytes(folder.resolve(target.substring(1)));
      OutputStream out = socket.getOutputStream();
      String status = again ? "302 Found\r\nLocation: /body.txt" : "200 OK";
      String fields = "HTTP/1.1 " + status + "\r\nContent-Length: " + body.length + "\r\nConnection: close\r\n\r\n";
      out.write(fields.getBytes(StandardCharsets.US_ASCII));
      out.write(body);
      out.flush();
    } catch (IOException error) {
      System.err.println(error);
    }
  }

  private static String readHead(InputStream in) throws IOException {
    var head = new ByteArrayOutputStream();
    while (!head.toString(StandardCharsets.US_ASCII).endsWith("\r\n\r\n")) {
      int one = in.read();
      if (one < 0) throw new IOException("the head has no end");
      head.write(one);
    }
    return head.toString(StandardCharsets.US_ASCII);
  }

  private static TrustManager[] trust(String roots) throws Exception {
    KeyStore trusted = KeyStore.getInstance("PKCS12");
    trusted.load(null, null);
    try (InputStream in = new FileInputStream(roots)) {
      for (Certificate root : CertificateFactory.getInstance("X.509").generateCertificates(in)) {
        trusted.setCertificateEntry("root " + trusted.size(), root);
      }
    }
    TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
    trust.init(trusted);
    return trust.getTrustManagers();
  }

  private static void get(String roots, int port, String path, String suites, String[] protocols) throws Exception {
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, trust(roots), null);
    try (var socket = (SSLSocket) context.getSocketFactory().createSocket("localhost", port)) {
      SSLParameters parameters = socket.getSSLParameters();
      parameters.setProtocols(protocols);
      parameters.setEndpointIdentificationAlgorithm("HTTPS");
      if (!suites.equals("-")) parameters.setCipherSuites(suites.split(","));
      socket.setSSLParameters(parameters);
      String request = "GET " + path + " HTTP/1.1\r\nHost: localhost:" + port + "\r\nConnection: close\r\n\r\n";
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      readHead(socket.getInputStream());
      System.out.write(socket.getInputStream().readAllBytes());
      System.out.flush();
      System.err.println("suite=" + socket.getSession().getCipherSuite());
    }
  }
}
