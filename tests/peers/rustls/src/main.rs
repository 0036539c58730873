//! rustls with aws-lc-rs as the peer on either side, with the words of peers/programs.py. `serve` prints "port N"; `get`
//! prints the bodies, and on stderr what was negotiated: "group=G suite=S retried=true|false resumed=true|false
//! early=accepted|rejected|none".
use rustls::crypto::{aws_lc_rs, aws_lc_rs::cipher_suite, CryptoProvider, SupportedKxGroup};
use rustls::pki_types::{pem::PemObject, CertificateDer, PrivateKeyDer, ServerName};
use rustls::server::WebPkiClientVerifier;
use rustls::version::{TLS12, TLS13};
use rustls::{ClientConfig, ClientConnection, HandshakeKind, RootCertStore, ServerConfig};
use rustls::{ServerConnection, Stream, SupportedCipherSuite, SupportedProtocolVersion};
use std::collections::HashMap;
use std::error::Error;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::Arc;

type Outcome<T> = Result<T, Box<dyn Error>>;

const GROUPS: [(&str, &dyn SupportedKxGroup); 4] = [
    ("X25519MLKEM768", aws_lc_rs::kx_group::X25519MLKEM768),
    ("X25519", aws_lc_rs::kx_group::X25519),
    ("P-256", aws_lc_rs::kx_group::SECP256R1),
    ("P-384", aws_lc_rs::kx_group::SECP384R1),
];
const SUITES: [(&str, SupportedCipherSuite); 9] = [
    ("TLS_AES_128_GCM_SHA256", cipher_suite::TLS13_AES_128_GCM_SHA256),
    ("TLS_AES_256_GCM_SHA384", cipher_suite::TLS13_AES_256_GCM_SHA384),
    ("TLS_CHACHA20_POLY1305_SHA256", cipher_suite::TLS13_CHACHA20_POLY1305_SHA256),
    ("TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", cipher_suite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256),
    ("TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", cipher_suite::TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384),
    ("TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256", cipher_suite::TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256),
    ("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", cipher_suite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256),
    ("TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", cipher_suite::TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384),
    ("TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256", cipher_suite::TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256),
];
const VERSIONS: [(&str, &SupportedProtocolVersion); 2] = [("1.2", &TLS12), ("1.3", &TLS13)];

/// What the command line says: NAME=VALUE.
struct Words(HashMap<String, String>);

impl Words {
    /// Empty where it is not there.
    fn get(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }
}

/// The values of a list's names, all of them where there is no list.
fn chosen<T: Copy>(known: &[(&str, T)], list: &str) -> Outcome<Vec<T>> {
    if list.is_empty() {
        return Ok(known.iter().map(|(_, value)| *value).collect());
    }
    let find = |name| known.iter().find(|(one, _)| *one == name).map(|(_, value)| *value);
    list.split(',').map(|name| find(name).ok_or_else(|| format!("no {name}").into())).collect()
}

fn provider(words: &Words) -> Outcome<Arc<CryptoProvider>> {
    Ok(Arc::new(CryptoProvider {
        kx_groups: chosen(&GROUPS, words.get("groups"))?,
        cipher_suites: chosen(&SUITES, words.get("suites"))?,
        ..aws_lc_rs::default_provider()
    }))
}

fn certificates(file: &str) -> Outcome<Vec<CertificateDer<'static>>> {
    Ok(CertificateDer::pem_file_iter(file)?.collect::<Result<_, _>>()?)
}

/// Reads a request's head, of which early data is the beginning, and answers with the file that it names.
fn answer(mut socket: TcpStream, config: Arc<ServerConfig>, folder: &Path) -> Outcome<()> {
    let mut connection = ServerConnection::new(config)?;
    while connection.is_handshaking() {
        connection.complete_io(&mut socket)?;
    }
    let (mut head, mut piece) = (Vec::new(), [0; 4096]);
    if let Some(mut early) = connection.early_data() {
        early.read_to_end(&mut head)?;
    }
    let mut stream = Stream::new(&mut connection, &mut socket);
    while !head.windows(4).any(|four| four == b"\r\n\r\n") {
        match stream.read(&mut piece)? {
            0 => return Ok(()),
            count => head.extend_from_slice(&piece[..count]),
        }
    }
    let line = String::from_utf8(head)?;
    let target = line.split(' ').nth(1).ok_or("no target")?;
    if target == "/again" {
        write!(stream, "HTTP/1.1 302 Found\r\nLocation: /body.txt\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")?;
        stream.conn.send_close_notify();
        stream.flush()?;
        return Ok(());
    }
    let body = std::fs::read(folder.join(target.split('?').next().unwrap().trim_start_matches('/')))?;
    write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len())?;
    stream.write_all(&body)?;
    stream.conn.send_close_notify();
    stream.flush()?;
    Ok(())
}

fn store(file: &str) -> Outcome<RootCertStore> {
    let mut store = RootCertStore::empty();
    for root in certificates(file)? {
        store.add(root)?;
    }
    Ok(store)
}

fn server_config(words: &Words) -> Outcome<ServerConfig> {
    let provider = provider(words)?;
    let verifier = match words.get("clients") {
        "" => WebPkiClientVerifier::no_client_auth(),
        file => WebPkiClientVerifier::builder_with_provider(store(file)?.into(), provider.clone()).build()?,
    };
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&chosen(&VERSIONS, words.get("version"))?)?
        .with_client_cert_verifier(verifier)
        .with_single_cert(certificates(words.get("chain"))?, PrivateKeyDer::from_pem_file(words.get("key"))?)?;
    match (words.get("tickets"), words.get("early")) {
        ("no", _) => (),
        (_, "") => config.ticketer = aws_lc_rs::Ticketer::new()?,
        // Only a session that it remembers may bring early data, once.
        (_, bytes) => config.max_early_data_size = bytes.parse()?,
    }
    Ok(config)
}

fn serve(words: &Words) -> Outcome<()> {
    let config = server_config(words)?;
    let (config, folder) = (Arc::new(config), Path::new(words.get("folder")).to_path_buf());
    let listener = TcpListener::bind("127.0.0.1:0")?;
    println!("port {}", listener.local_addr()?.port());
    for socket in listener.incoming() {
        let (socket, config, folder) = (socket?, config.clone(), folder.clone());
        std::thread::spawn(move || {
            if let Err(error) = answer(socket, config, &folder) {
                eprintln!("{error}");
            }
        });
    }
    Ok(())
}

fn get(words: &Words) -> Outcome<()> {
    let builder = ClientConfig::builder_with_provider(provider(words)?)
        .with_protocol_versions(&chosen(&VERSIONS, words.get("version"))?)?
        .with_root_certificates(store(words.get("roots"))?);
    let mut config = match words.get("chain") {
        "" => builder.with_no_client_auth(),
        file => builder.with_client_auth_cert(certificates(file)?, PrivateKeyDer::from_pem_file(words.get("key"))?)?,
    };
    config.enable_early_data = !words.get("early").is_empty();
    let config = Arc::new(config);
    words.get("paths").split(',').try_for_each(|path| fetch(&config, words.get("port"), path))
}

/// The request is early data where that is allowed, and is said once more if the server has not taken it.
fn fetch(config: &Arc<ClientConfig>, port: &str, path: &str) -> Outcome<()> {
    let mut connection = ClientConnection::new(config.clone(), ServerName::try_from("localhost")?)?;
    let mut socket = TcpStream::connect(("127.0.0.1", port.parse::<u16>()?))?;
    let request = format!("GET {path} HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: close\r\n\r\n");
    let offered = match connection.early_data() {
        Some(mut early) => early.write_all(request.as_bytes()).is_ok(),
        None => false,
    };
    while connection.is_handshaking() {
        connection.complete_io(&mut socket)?;
    }
    let early = match (offered, connection.is_early_data_accepted()) {
        (true, true) => "accepted",
        (true, false) => "rejected",
        _ => "none",
    };
    let mut stream = Stream::new(&mut connection, &mut socket);
    if early != "accepted" {
        stream.write_all(request.as_bytes())?;
    }
    let mut response = Vec::new();
    stream.read_to_end(&mut response)?; // an end without close_notify is an error here
    let end = response.windows(4).position(|four| four == b"\r\n\r\n").ok_or("no head")?;
    std::io::stdout().write_all(&response[end + 4..])?;
    let group = match connection.negotiated_key_exchange_group() {
        Some(group) => GROUPS.iter().find(|(_, one)| one.name() == group.name()).ok_or("another group")?.0,
        None => "none", // where a session of TLS 1.2 goes on
    };
    let suite = connection.negotiated_cipher_suite().ok_or("no suite")?;
    let suite = SUITES.iter().find(|(_, one)| *one == suite).ok_or("another suite")?.0;
    let retried = connection.handshake_kind() == Some(HandshakeKind::FullWithHelloRetryRequest);
    let resumed = connection.handshake_kind() == Some(HandshakeKind::Resumed);
    eprintln!("group={group} suite={suite} retried={retried} resumed={resumed} early={early}");
    Ok(())
}

fn main() -> Outcome<()> {
    let mut arguments = std::env::args().skip(1);
    let role = arguments.next().unwrap_or_default();
    let words = Words(arguments.filter_map(|word| word.split_once('=').map(|(a, b)| (a.into(), b.into()))).collect());
    match role.as_str() {
        "serve" => serve(&words),
        "get" => get(&words),
        _ => Err("usage: serve|get NAME=VALUE...".into()),
    }
}
