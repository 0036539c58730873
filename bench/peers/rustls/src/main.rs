//! rustls with aws-lc-rs as a peer of `bench_tls`, and rustls-webpki as one of `bench_x509`, which start it and ask by lines on stdin; each is answered by one:
//!
//!     case ROLE KEY=VALUE...   makes a case, in place of the last; "ready"
//!     round NS                 does the case's work until that has taken NS of CPU time, once at least; "ns N", for one
//!                              operation
//!
//! Anything that fails ends it with the line "error WORDS". What a case's keys are: `Ends::new`,
//! `verify::verifier`.
mod ends;
mod verify;
mod work;

use std::collections::HashMap;
use std::error::Error;
use std::io::Write;

use work::{Clock, Work};

pub type Outcome<T> = Result<T, Box<dyn Error>>;

/// The words of a case by their keys.
pub struct Fields<'a>(HashMap<&'a str, &'a str>);

impl<'a> Fields<'a> {
    fn new(words: &[&'a str]) -> Self {
        Self(words.iter().filter_map(|word| word.split_once('=')).collect())
    }

    pub fn text(&self, key: &str) -> Outcome<&'a str> {
        self.0.get(key).copied().ok_or_else(|| format!("the case has no {key}").into())
    }

    /// What is written in hexadecimal.
    pub fn bytes(&self, key: &str) -> Outcome<Vec<u8>> {
        let pairs = self.text(key)?.as_bytes().chunks(2);
        pairs.map(|pair| Ok(u8::from_str_radix(std::str::from_utf8(pair)?, 16)?)).collect()
    }
}

fn make_work(role: &str, fields: &Fields) -> Outcome<Work> {
    if role == "verify" {
        return verify::verifier(fields);
    }
    let ends = ends::Ends::new(fields)?;
    match role {
        "server" => work::server(ends),
        "client" => work::client(ends),
        "send" => work::sender(ends, fields.text("size")?.parse()?),
        "receive" => work::receiver(ends, fields.text("size")?.parse()?),
        _ => Err(format!("no role {role}").into()),
    }
}

/// Nanoseconds an operation, over batches that take `budget` together.
fn round(work: &mut Work, budget: f64) -> Outcome<f64> {
    let (mut clock, mut operations) = (Clock::default(), 0);
    loop {
        operations += work(&mut clock)?;
        if clock.spent >= budget {
            return Ok(clock.spent / operations as f64);
        }
    }
}

fn answer(line: &str, work: &mut Option<Work>) -> Outcome<String> {
    match line.split(' ').collect::<Vec<_>>()[..] {
        ["case", role, ref words @ ..] => {
            *work = Some(make_work(role, &Fields::new(words))?);
            Ok("ready".into())
        }
        ["round", ns] => Ok(format!("ns {:.3}", round(work.as_mut().ok_or("no case yet")?, ns.parse()?)?)),
        _ => Err("neither a case nor a round".into()),
    }
}

fn main() -> Outcome<()> {
    let mut work = None;
    for line in std::io::stdin().lines() {
        match answer(&line?, &mut work) {
            Ok(words) => writeln!(std::io::stdout(), "{words}")?,
            Err(error) => return Ok(writeln!(std::io::stdout(), "error {error}")?),
        }
    }
    Ok(())
}
