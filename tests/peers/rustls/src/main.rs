//! rustls with aws-lc-rs as the peer on either side:
//!
//!     rustls-peer serve CHAIN KEY FOLDER GROUPS VERSION CLIENTS
//!                                                             a server on a free port of 127.0.0.1; prints "port N"
//!     rustls-peer get ROOTS PORT PATHS GROUPS SUITES VERSION  fetches from localhost; prints the bodies, and on stderr
//!                                                             what was negotiated: "group=G suite=S retried=true|false
//!                                                             resumed=true|false"
//!
//! PATHS are fetched one after the other, each over a connection of its own. /again leads to /body.txt.
//! GROUPS and SUITES are lists between commas, the best first; "-" leaves rustls its own choice. VERSION is 1.2 or 1.3.
//! CLIENTS vouches for the certificates that clients must show; "-": none.
use rustls::crypto::{aws_lc_rs, aws_lc_rs::cipher_suite, CryptoProvider, SupportedKxGroup};
use rustls::pki_types::{pem::PemObject, CertificateDer, PrivateKeyDer, ServerName};
use rustls::server::WebPkiClientVerifier;
use rustls::version::{TLS12, TLS13};
use rustls::{ClientConfig, ClientConnection, HandshakeKind, RootCertStore, ServerConfig};
use rustls::{ServerConnection, Stream, SupportedCipherSuite, SupportedProtocolVersion};
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

/// The values of a list's names, all of them for "-".
fn chosen<T: Copy>(known: &[(&str, T)], list: &str) -> Outcome<Vec<T>> {
    if list == "-" {
        return Ok(known.iter().map(|(_, value)| *value).collect());
    }
    let find = |name| known.iter().find(|(one, _)| *one == name).map(|(_, value)| *value);
    list.split(',').map(|name| find(name).ok_or_else(|| format!("no {name}").into())).collect()
}

fn provider(groups: &str, suites: &str) -> Outcome<Arc<CryptoProvider>> {
    Ok(Arc::new(CryptoProvider {
        kx_groups: chosen(&GROUPS, groups)?,
        cipher_suites: chosen(&SUITES, suites)?,
        ..aws_lc_rs::default_provider()
    }))
}

fn certificates(file: &str) -> Outcome<Vec<CertificateDer<'static>>> {
    Ok(CertificateDer::pem_file_iter(file)?.collect::<Result<_, _>>()?)
}

/// Reads a request's head and answers with the file that it names.
fn answer(mut socket: TcpStream, config: Arc<ServerConfig>, folder: &Path) -> Outcome<()> {
    let mut connection = ServerConnection::new(config)?;
    let mut stream = Stream::new(&mut connection, &mut socket);
    let (mut head, mut piece) = (Vec::new(), [0; 4096]);
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

fn serve(chain: &str, key: &str, folder: &str, groups: &str, version: &str, clients: &str) -> Outcome<()> {
    let provider = provider(groups, "-")?;
    let verifier = match clients {
        "-" => WebPkiClientVerifier::no_client_auth(),
        file => WebPkiClientVerifier::builder_with_provider(store(file)?.into(), provider.clone()).build()?,
    };
    let config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&chosen(&VERSIONS, version)?)?
        .with_client_cert_verifier(verifier)
        .with_single_cert(certificates(chain)?, PrivateKeyDer::from_pem_file(key)?)?;
    let (config, folder) = (Arc::new(config), Path::new(folder).to_path_buf());
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

fn get(roots: &str, port: &str, paths: &str, groups: &str, suites: &str, version: &str) -> Outcome<()> {
    let config = ClientConfig::builder_with_provider(provider(groups, suites)?)
        .with_protocol_versions(&chosen(&VERSIONS, version)?)?
        .with_root_certificates(store(roots)?)
        .with_no_client_auth();
    let config = Arc::new(config);
    paths.split(',').try_for_each(|path| fetch(&config, port, path))
}

fn fetch(config: &Arc<ClientConfig>, port: &str, path: &str) -> Outcome<()> {
    let mut connection = ClientConnection::new(config.clone(), ServerName::try_from("localhost")?)?;
    let mut socket = TcpStream::connect(("127.0.0.1", port.parse::<u16>()?))?;
    let mut stream = Stream::new(&mut connection, &mut socket);
    write!(stream, "GET {path} HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: close\r\n\r\n")?;
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
    eprintln!("group={group} suite={suite} retried={retried} resumed={resumed}");
    Ok(())
}

fn main() -> Outcome<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["serve", chain, key, folder, groups, version, clients] => serve(chain, key, folder, groups, version, clients),
        ["get", roots, port, paths, groups, suites, version] => get(roots, port, paths, groups, suites, version),
        _ => Err("usage: serve CHAIN KEY FOLDER GROUPS VERSION CLIENTS, or get ROOTS PORT PATHS GROUPS SUITES VERSION".into()),
    }
}
