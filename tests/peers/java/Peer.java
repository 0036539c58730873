// Java's JSSE as the peer on either side, with the words of peers/programs.py. `serve` prints "port N"; `get` prints the
// bodies, and on stderr what was negotiated: "suite=S".
//
// A chain and its key come as `bundle`, a PKCS #12 file with the password "secret". JSSE takes groups and whether there are
// tickets from properties, does not tell which group was chosen or whether a session went on, and has no early data.
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
import java.util.HashMap;
import java.util.Map;
import javax.net.ssl.KeyManager;
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
    Map<String, String> words = new HashMap<>();
    for (String argument : arguments) {
      String[] parts = argument.split("=", 2);
      if (parts.length == 2) words.put(parts[0], parts[1]);
    }
    if (arguments[0].equals("serve")) {
      serve(words);
    } else {
      get(words);
    }
  }

  private static String[] only(String version) {
    return new String[] {"TLSv" + version};
  }

  private static SSLContext context(Map<String, String> words, String trusted) throws Exception {
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keys(words.get("bundle")), trust(trusted), null);
    return context;
  }

  private static KeyManager[] keys(String bundle) throws Exception {
    if (bundle == null) return null;
    KeyStore store = KeyStore.getInstance("PKCS12");
    try (InputStream in = new FileInputStream(bundle)) {
      store.load(in, PASSWORD);
    }
    KeyManagerFactory keys = KeyManagerFactory.getInstance("PKIX");
    keys.init(store, PASSWORD);
    return keys.getKeyManagers();
  }

  private static void serve(Map<String, String> words) throws Exception {
    SSLContext context = context(words, words.get("clients"));
    var listener = (SSLServerSocket) context.getServerSocketFactory()
        .createServerSocket(0, 50, InetAddress.getByName("127.0.0.1"));
    listener.setEnabledProtocols(only(words.get("version")));
    listener.setNeedClientAuth(words.containsKey("clients"));
    System.out.println("port " + listener.getLocalPort());
    Path folder = Path.of(words.get("folder"));
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
    if (roots == null) return null;
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

  private static void get(Map<String, String> words) throws Exception {
    SSLContext context = context(words, words.get("roots"));
    for (String path : words.get("paths").split(",")) fetch(context, words, path);
    System.out.flush();
  }

  private static void fetch(SSLContext context, Map<String, String> words, String path) throws Exception {
    int port = Integer.parseInt(words.get("port"));
    try (var socket = (SSLSocket) context.getSocketFactory().createSocket("localhost", port)) {
      SSLParameters parameters = socket.getSSLParameters();
      parameters.setProtocols(only(words.get("version")));
      parameters.setEndpointIdentificationAlgorithm("HTTPS");
      if (words.containsKey("suites")) parameters.setCipherSuites(words.get("suites").split(","));
      socket.setSSLParameters(parameters);
      String request = "GET " + path + " HTTP/1.1\r\nHost: localhost:" + port + "\r\nConnection: close\r\n\r\n";
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      readHead(socket.getInputStream());
      System.out.write(socket.getInputStream().readAllBytes());
      System.err.println("suite=" + socket.getSession().getCipherSuite());
    }
  }
}
