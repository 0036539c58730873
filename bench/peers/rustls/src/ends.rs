//! Configurations of rustls that speak what a case says and nothing else: one version, one group, one suite.
use std::sync::Arc;
use std::time::Duration;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::Resumption;
use rustls::crypto::{self, aws_lc_rs, aws_lc_rs::cipher_suite, aws_lc_rs::kx_group, CryptoProvider};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::server::NoServerSessionStorage;
use rustls::time_provider::TimeProvider;
use rustls::version::{TLS12, TLS13};
use rustls::{
    ClientConfig, ClientConnection, DigitallySignedStruct, RootCertStore, ServerConfig, ServerConnection,
    SignatureScheme, SupportedProtocolVersion,
};

use crate::{Fields, Outcome};

/// What makes clients and servers of a case.
pub struct Ends {
    client: Arc<ClientConfig>,
    server: Arc<ServerConfig>,
    name: ServerName<'static>,
    pub resumed: bool,
}

impl Ends {
    /// version=1.2|1.3, group= and suite= by IANA's names, session=full|resumed, chain=verified|any, name= of the server,
    /// time= in seconds since 1970, and in hexadecimal root=, intermediate=, leaf= (X.509) and key= (PKCS #8 or #1).
    pub fn new(fields: &Fields) -> Outcome<Self> {
        let provider = Arc::new(provider(fields)?);
        let time = Arc::new(At(UnixTime::since_unix_epoch(Duration::from_secs(fields.text("time")?.parse()?))));
        let version = match fields.text("version")? {
            "1.2" => &TLS12,
            "1.3" => &TLS13,
            other => return Err(format!("no version {other}").into()),
        };
        Ok(Self {
            client: Arc::new(client_config(fields, provider.clone(), time.clone(), version)?),
            server: Arc::new(server_config(fields, provider, time, version)?),
            name: ServerName::try_from(fields.text("name")?.to_owned())?,
            resumed: fields.text("session")? == "resumed",
        })
    }

    pub fn client(&self) -> Outcome<ClientConnection> {
        Ok(ClientConnection::new(self.client.clone(), self.name.clone())?)
    }

    pub fn server(&self) -> Outcome<ServerConnection> {
        Ok(ServerConnection::new(self.server.clone())?)
    }
}

fn provider(fields: &Fields) -> Outcome<CryptoProvider> {
    let group = match fields.text("group")? {
        "x25519" => kx_group::X25519,
        "secp256r1" => kx_group::SECP256R1,
        "X25519MLKEM768" => kx_group::X25519MLKEM768,
        other => return Err(format!("no group {other}").into()),
    };
    let suite = match fields.text("suite")? {
        "TLS_AES_128_GCM_SHA256" => cipher_suite::TLS13_AES_128_GCM_SHA256,
        "TLS_CHACHA20_POLY1305_SHA256" => cipher_suite::TLS13_CHACHA20_POLY1305_SHA256,
        "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256" => cipher_suite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
        other => return Err(format!("no suite {other}").into()),
    };
    Ok(CryptoProvider { kx_groups: vec![group], cipher_suites: vec![suite], ..aws_lc_rs::default_provider() })
}

fn alpn() -> Vec<Vec<u8>> {
    vec![b"http/1.1".to_vec()]
}

fn client_config(
    fields: &Fields,
    provider: Arc<CryptoProvider>,
    time: Arc<At>,
    version: &'static SupportedProtocolVersion,
) -> Outcome<ClientConfig> {
    let builder = ClientConfig::builder_with_details(provider.clone(), time).with_protocol_versions(&[version])?;
    let mut config = if fields.text("chain")? == "verified" {
        let mut roots = RootCertStore::empty();
        roots.add(fields.bytes("root")?.into())?;
        builder.with_root_certificates(roots).with_no_client_auth()
    } else {
        let trusting = Arc::new(ChainTrusted(provider));
        builder.dangerous().with_custom_certificate_verifier(trusting).with_no_client_auth()
    };
    config.alpn_protocols = alpn();
    config.resumption = match fields.text("session")? {
        "resumed" => Resumption::in_memory_sessions(crate::work::HANDSHAKES),
        _ => Resumption::disabled(),
    };
    Ok(config)
}

fn server_config(
    fields: &Fields,
    provider: Arc<CryptoProvider>,
    time: Arc<At>,
    version: &'static SupportedProtocolVersion,
) -> Outcome<ServerConfig> {
    let chain = vec![fields.bytes("leaf")?.into(), fields.bytes("intermediate")?.into()];
    let mut config = ServerConfig::builder_with_details(provider, time)
        .with_protocol_versions(&[version])?
        .with_no_client_auth()
        .with_single_cert(chain, PrivateKeyDer::try_from(fields.bytes("key")?)?)?;
    config.alpn_protocols = alpn();
    config.session_storage = Arc::new(NoServerSessionStorage {});
    config.send_tls13_tickets = 0;
    if fields.text("session")? == "resumed" {
        config.ticketer = aws_lc_rs::Ticketer::new()?;
        config.send_tls13_tickets = 1;
    }
    Ok(config)
}

/// A clock that stands still, as that of all peers does.
#[derive(Debug)]
struct At(UnixTime);

impl TimeProvider for At {
    fn current_time(&self) -> Option<UnixTime> {
        Some(self.0)
    }
}

/// Takes any chain, and still checks that the handshake is signed by its leaf's key.
#[derive(Debug)]
struct ChainTrusted(Arc<CryptoProvider>);

impl ServerCertVerifier for ChainTrusted {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        leaf: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        crypto::verify_tls12_signature(message, leaf, signed, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        leaf: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        crypto::verify_tls13_signature(message, leaf, signed, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
