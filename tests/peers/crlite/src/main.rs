//! A peer for the tests of revocation. Filters are built by Mozilla's clubcard-crlite; the cache around them, its index
//! included, is written by upki, which fetches them from a server in here. Nothing of a cache is encoded in this file.
//!
//! make FOLDER            FOLDER/revocation holds the cache that the JSON on stdin describes; it is upki's cache folder
//! check FOLDER           a line each for the lines "ISSUER-SPKI-HASH SERIAL LOG:TIME,..." (or "-") of stdin: upki's word,
//!                        then each filter's own, NAME=ANSWER
//! chain FOLDER LEAF ISSUER   upki's word on two certificates in DER
//! explain FILE           what clubcard-crlite reads out of a filter

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};

use clubcard::builder::{ApproximateRibbon, ClubcardBuilder, ExactRibbon};
use clubcard_crlite::builder::CRLiteBuilderItem;
use clubcard_crlite::{CRLiteClubcard, CRLiteCoverage, CRLiteKey, CRLiteQuery, Encoding, IssuerSpkiHash, LogId, Timestamp};
use rustls_pki_types::CertificateDer;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use upki::revocation::{CertSerial, CtTimestamp, RevocationCheckInput, Store};

type Failure = Box<dyn std::error::Error>;

#[derive(Deserialize)]
struct Description {
    generated_at: u64,
    filters: Vec<Filter>,
}

#[derive(Deserialize)]
struct Filter {
    name: String,
    /// As Mozilla's ct-logs.json: LogID (base64), MinTimestamp, MaxTimestamp, MMD, MinEntry.
    coverage: serde_json::Value,
    issuers: Vec<Issuer>,
}

/// Serial numbers are in hex. Beside those, so many that begin with 7e are revoked and so many that begin with 7f are
/// not; a number of eight bytes follows. `inverted`: the filter encodes those that are not revoked.
#[derive(Deserialize)]
struct Issuer {
    spki_hash: String,
    revoked: Vec<String>,
    good: Vec<String>,
    #[serde(default)]
    more_revoked: u64,
    #[serde(default)]
    more_good: u64,
    #[serde(default)]
    inverted: bool,
}

fn main() -> Result<(), Failure> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    match words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["make", folder] => make(Path::new(folder)),
        ["check", folder] => check(Path::new(folder)),
        ["chain", folder, leaf, issuer] => chain(Path::new(folder), leaf, issuer),
        ["explain", file] => Ok(print!("{}", CRLiteClubcard::from_bytes(&fs::read(file)?)?)),
        _ => Err("make FOLDER | check FOLDER | chain FOLDER LEAF ISSUER | explain FILE".into()),
    }
}

fn hash_of(text: &str) -> Result<IssuerSpkiHash, Failure> {
    Ok(IssuerSpkiHash(hex::decode(text)?.try_into().map_err(|_| "an issuer's hash has 32 bytes")?))
}

// Making a cache.

fn make(folder: &Path) -> Result<(), Failure> {
    let description: Description = serde_json::from_reader(std::io::stdin())?;
    let served = folder.join("served");
    fs::create_dir_all(&served)?;
    let mut files = vec![];
    for filter in &description.filters {
        let bytes = filter_of(filter)?;
        fs::write(served.join(&filter.name), &bytes)?;
        files.push(serde_json::json!({"filename": filter.name, "size": bytes.len(),
                                      "hash": hex::encode(Sha256::digest(&bytes))}));
    }
    let manifest = serde_json::json!({"generated_at": description.generated_at, "comment": "", "files": files});
    fs::write(served.join("manifest.json"), manifest.to_string())?;
    fetch(folder, served)
}

fn filter_of(filter: &Filter) -> Result<Vec<u8>, Failure> {
    let mut builder = ClubcardBuilder::new();
    let mut approximate = vec![];
    for issuer in &filter.issuers {
        let mut ribbon = builder.new_approx_builder(&hash_of(&issuer.spki_hash)?.0);
        let items = items_of(issuer)?;
        ribbon.set_universe_size(items.len());
        ribbon.set_inverted(issuer.inverted);
        for (serial, revoked) in items {
            if revoked != issuer.inverted {
                ribbon.insert(item(issuer, serial, revoked)?);
            }
        }
        approximate.push(ApproximateRibbon::from(ribbon));
    }
    builder.collect_approx_ribbons(approximate);
    let mut exact = vec![];
    for issuer in &filter.issuers {
        let mut ribbon = builder.new_exact_builder(&hash_of(&issuer.spki_hash)?.0);
        for (serial, revoked) in items_of(issuer)? {
            ribbon.insert(item(issuer, serial, revoked)?);
        }
        exact.push(ExactRibbon::from(ribbon));
    }
    builder.collect_exact_ribbons(exact);
    let coverage = CRLiteCoverage::from_mozilla_ct_logs_json(filter.coverage.to_string().as_bytes());
    Ok(CRLiteClubcard::from(builder.build::<CRLiteQuery<'_>>(coverage, ())).to_bytes(Encoding::V4)?)
}

fn item(issuer: &Issuer, serial: Vec<u8>, revoked: bool) -> Result<CRLiteBuilderItem, Failure> {
    let hash = hash_of(&issuer.spki_hash)?;
    Ok(if revoked { CRLiteBuilderItem::revoked(hash, serial) } else { CRLiteBuilderItem::not_revoked(hash, serial) })
}

/// The issuer's whole universe: serial numbers, and whether they are revoked.
fn items_of(issuer: &Issuer) -> Result<Vec<(Vec<u8>, bool)>, Failure> {
    let mut items = vec![];
    for (texts, revoked) in [(&issuer.revoked, true), (&issuer.good, false)] {
        for text in texts {
            items.push((hex::decode(text)?, revoked));
        }
    }
    for (first, count, revoked) in [(0x7e, issuer.more_revoked, true), (0x7f, issuer.more_good, false)] {
        for number in 0..count {
            let mut serial = vec![first];
            serial.extend(number.to_be_bytes());
            items.push((serial, revoked));
        }
    }
    Ok(items)
}

// upki's side.

/// Has upki fetch what lies in `served` into its cache.
fn fetch(folder: &Path, served: PathBuf) -> Result<(), Failure> {
    std::env::set_var("NO_PROXY", "127.0.0.1");
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let url = format!("http://{}/", listener.local_addr()?);
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let _ = answer(stream, &served);
        }
    });
    let config = config(folder, &url)?;
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(upki::fetch(false, &config))?;
    Ok(())
}

fn answer(mut stream: TcpStream, served: &Path) -> Result<(), Failure> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut request = String::new();
    reader.read_line(&mut request)?;
    let mut line = String::new();
    while reader.read_line(&mut line)? > 2 {
        line.clear();
    }
    let name = request.split(' ').nth(1).unwrap_or("/").trim_start_matches('/');
    let body = fs::read(served.join(name))?;
    write!(stream, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {}\r\n\r\n", body.len())?;
    Ok(stream.write_all(&body)?)
}

fn config(folder: &Path, url: &str) -> Result<upki::Config, Failure> {
    let file = folder.join("config.toml");
    let cache = folder.to_str().ok_or("the folder's name is no UTF-8")?;
    fs::write(&file, format!("cache-dir = \"{cache}\"\n[revocation]\nfetch-url = \"{url}\"\n"))?;
    Ok(upki::Config::from_file(&file)?)
}

fn store(folder: &Path) -> Result<Store, Failure> {
    Ok(Store::from_config(&config(folder, "http://127.0.0.1:9/")?))
}

// Asking it.

fn check(folder: &Path) -> Result<(), Failure> {
    let store = store(folder)?;
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text)?;
    for line in text.lines() {
        let words: Vec<&str> = line.split(' ').collect();
        let [issuer, serial, timestamps] = words[..] else { return Err("three words a line".into()) };
        let (issuer, serial) = (hash_of(issuer)?, hex::decode(serial)?);
        let mut scts = vec![];
        for pair in timestamps.split(',').filter(|pair| *pair != "-") {
            let (log, time) = pair.split_once(':').ok_or("LOG:TIME")?;
            let log_id: [u8; 32] = hex::decode(log)?.try_into().map_err(|_| "a log's ID has 32 bytes")?;
            scts.push(CtTimestamp { log_id, timestamp: time.parse()? });
        }
        let input = RevocationCheckInput::new(CertSerial(serial.clone()), issuer, scts.clone());
        let mut said = format!("{:?}", store.check(&input)?);
        for (name, filter) in filters(folder)? {
            let key = CRLiteKey::new(&issuer, &serial);
            let times = scts.iter().map(|sct| (LogId(sct.log_id), Timestamp(sct.timestamp)));
            said += &format!(" {name}={:?}", filter.contains(&key, times));
        }
        println!("{said}");
    }
    Ok(())
}

fn filters(folder: &Path) -> Result<Vec<(String, CRLiteClubcard)>, Failure> {
    let mut found = vec![];
    for entry in fs::read_dir(folder.join("revocation"))? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if name != "index.bin" && name != "manifest.json" {
            let bytes = fs::read(folder.join("revocation").join(&name))?;
            found.push((name, CRLiteClubcard::from_bytes(&bytes)?));
        }
    }
    found.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(found)
}

fn chain(folder: &Path, leaf: &str, issuer: &str) -> Result<(), Failure> {
    let certificates = [CertificateDer::from(fs::read(leaf)?), CertificateDer::from(fs::read(issuer)?)];
    let input = RevocationCheckInput::from_certificates(&certificates)?;
    println!("{:?}", store(folder)?.check(&input)?);
    Ok(())
}
